package lib.regimes_test

import data.lib.regimes

said(flags, scope) := {"predicate": {"us_flags": flags, "bank_scope": scope}}

test_one_questionnaire_is_enough if {
	regimes.binds([said([], "in-scope"), said(["feha-ads"], "not-a-bank")], "feha-ads")
	regimes.bank_model([said([], "in-scope"), said(["feha-ads"], "not-a-bank")])
}

test_each_must_say_no if {
	regimes.binds([said(["ccpa-admt"], "out-of-scope")], "feha-ads") == false
	regimes.bank_model([said([], "generative-separate"), said([], "not-a-bank")]) == false
}

test_what_nobody_answers_is_unknown if {
	count([told | some asked in [[], [{"predicate": {}}]]; told := regimes.binds(asked, "feha-ads")]) == 0
	count([told | some asked in [[], [{"predicate": {}}]]; told := regimes.bank_model(asked)]) == 0
}
