# METADATA
# title: Laws of the United States and bank guidance
# description: >-
#   Which of them bind is the word of the questionnaire. One questionnaire that says so is enough; that none binds, each of
#   at least one must say. What no questionnaire answers has no answer here either.
package lib.regimes

binds(questionnaires, flag) if {
	some questionnaire in questionnaires
	flag in questionnaire.predicate.us_flags
}

binds(questionnaires, flag) := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		silent(questionnaire, flag)
	}
}

silent(questionnaire, flag) if {
	is_array(questionnaire.predicate.us_flags)
	not flag in questionnaire.predicate.us_flags
}

# The model is in the scope of bank model-risk guidance.
bank_model(questionnaires) if {
	some questionnaire in questionnaires
	questionnaire.predicate.bank_scope == "in-scope"
}

bank_model(questionnaires) := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.bank_scope in {"generative-separate", "out-of-scope", "not-a-bank"}
	}
}
