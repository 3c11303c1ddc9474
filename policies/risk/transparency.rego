# METADATA
# title: Transparency duties (Art 50)
# description: >-
#   Which paragraphs of Art 50 apply, whatever the tier. The questionnaire does not tell whether content is a deep fake
#   or informs the public, so for a deployer all generated content counts under Art 50(4), and only 50(1) to (3) have
#   exceptions here.
package risk.transparency

paragraphs(q) := [paragraph | some paragraph in ["1", "2", "3", "4"]; applies(q, paragraph)]

articles(q) := [concat("", ["Art 50(", paragraph, ")"]) | some paragraph in paragraphs(q)]

says := {
	"1": "natural persons interact with it",
	"2": "generates synthetic content",
	"3": "recognises emotions or categorises persons biometrically",
	"4": "a deployer shows generated content",
}

reasons(q) := [concat("", ["Art 50(", paragraph, "): ", says[paragraph]]) | some paragraph in paragraphs(q)]

applies(q, "1") if {
	q.interacts_with_persons == true
	not data.risk.grounds.lifts(q, "notice_exception", "Art 50(1)")
}

applies(q, "2") if {
	count(q.generates) > 0
	not data.risk.grounds.lifts(q, "marking_exception", "Art 50(2)")
}

applies(q, "3") if {
	reads_persons(q)
	not data.risk.grounds.lifts(q, "lawful_exception", "Art 50(3)")
}

applies(q, "4") if {
	count(q.generates) > 0
	"deployer" in data.risk.roles.held(q)
}

reads_persons(q) if data.risk.facts.infers_emotions(q)

reads_persons(q) if data.risk.facts.categorises(q)

# Who names traits that it tells of persons categorises them, whatever the kind is called.
reads_persons(q) if count(q.categorised_traits) > 0
