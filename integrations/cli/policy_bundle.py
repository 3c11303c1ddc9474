"""`quaestor policy build` and `load`: policies as OPA loads them, and back."""

from pathlib import Path

import click

from integrations.cli.shared import INPUT, OutputType, folder_option, overlay_option, policies_in_force, say, write


@click.command()
@folder_option
@overlay_option
@click.option("--sign", "key", type=INPUT, metavar="KEY", help="Private key (PEM) that signs it: Ed25519 or P-256.")
@click.option(
    "--output",
    "-o",
    type=OutputType(".tar.gz", ".tgz"),
    required=True,
    help="Bundle to write, such as bundle.tar.gz.",
)
@click.pass_context
def build(ctx: click.Context, policies: Path | None, overlay: Path | None, key: Path | None, output: Path) -> int:
    """Write the checked policies as a bundle that OPA loads, with the parameters' defaults as its data.

    What an overlay adds is in it; what it sets and turns off is not, and is told: Quaestor reads that from the overlay.

    The same policies give the same bytes, signed by an Ed25519 key too. OPA verifies with
    `opa run --bundle FILE --verification-key PUBLIC --signing-alg EdDSA` (ES256 for a key on P-256).
    """
    from engine.bundle.opa import opa_bundle
    from evidence.trust.keys import SigningKey

    signer = SigningKey.load(key) if key is not None else None
    bundle, effective = policies_in_force(ctx, policies, overlay)
    write(opa_bundle(bundle, signer), output)
    say(f"bundle {bundle.digest}: {output}{', signed' if key is not None else ', not signed'}")
    if left := [*(item.name for item in effective.overrides), *effective.disabled]:
        told = "1 thing that the overlay sets or turns off is not in it: it holds"
        if len(left) > 1:
            told = f"{len(left)} things that the overlay sets or turns off are not in it: they hold"
        say(f"note: {told} in Quaestor alone ({', '.join(left)})", err=True)
    return 0


@click.command()
@click.argument("archive", type=INPUT)
@click.option("--key", type=INPUT, metavar="PUBLIC", help="Public key (PEM) that must have signed it.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder to write, new or empty.",
)
def load(archive: Path, key: Path | None, output: Path) -> int:
    """Check a bundle that `policy build` wrote, and write its policies into a folder."""
    from integrations.app.shipping import loaded

    bundle, signed = loaded(archive, key, output)
    state = "signed by this key" if key is not None else "signed; give --key to verify it" if signed else "not signed"
    say(f"bundle {bundle.digest}: {output} ({state})")
    return 0
