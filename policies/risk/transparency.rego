# METADATA
# title: Transparency duties (Art 50)
# description: >-
#   Which paragraphs of Art 50 apply, whatever the tier. The questionnaire does not tell whether content is a deep fake
#   or informs the public, so for a deployer all generated content counts under Art 50(4), and only 50(1) to (3) have
#   exceptions here.
package risk.transparency

paragraphs(q) := [paragraph | some paragraph in ["1", "2", "3", "4"]; applies(q, paragraph)]

articles(q) := [sprintf("Art 50(%s)", [paragraph]) | some paragraph in paragraphs(q)]

says := {
	"1": "natural persons interact with it",
	"2": "generates synthetic content",
	"3": "recognises emotions or categorises persons biometrically",
	"4": "a deployer shows generated content",
}

reasons(q) := [sprintf("Art 50(%s): %s", [paragraph, says[paragraph]]) | some paragraph in paragraphs(q)]

applies(q, "1") if {
	q.interacts_with_persons == true
	not data.risk.facts.stated(q, "notice_exception")
}

applies(q, "2") if {
	count(q.generates) > 0
	not data.risk.facts.stated(q, "marking_exception")
}

applies(q, "3") if {
	reads_persons(q)
	not data.risk.facts.stated(q, "lawful_exception")
}

applies(q, "4") if {
	count(q.generates) > 0
	"deployer" in q.roles
}

reads_persons(q) if data.risk.facts.infers_emotions(q)

reads_persons(q) if q.biometric_kind == "categorisation"
