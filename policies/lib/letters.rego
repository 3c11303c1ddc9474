# METADATA
# title: Small letters
# description: >-
#   Every engine folds A to Z alike, and other letters each in its own way. So the built-in is asked only about texts that
#   hold none of these.
package lib.letters

# A text with A to Z as small letters and everything else as it is.
small(text) := lower(text) if {
	plain(text)
} else := concat("", [object.get(forms, letter, letter) | some letter in split(text, "")])

# Printable ASCII, but for the tilde.
plain(text) if regex.match("^[ -}]*$", text)

forms := {
	"A": "a", "B": "b", "C": "c", "D": "d", "E": "e", "F": "f", "G": "g", "H": "h", "I": "i",
	"J": "j", "K": "k", "L": "l", "M": "m", "N": "n", "O": "o", "P": "p", "Q": "q", "R": "r",
	"S": "s", "T": "t", "U": "u", "V": "v", "W": "w", "X": "x", "Y": "y", "Z": "z",
}
