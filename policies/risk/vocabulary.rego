# METADATA
# title: Vocabulary of the risk questionnaire
# description: >-
#   The words that a questionnaire may use for its task, decisions, targets, contexts, traits and means of influence, each
#   with what the AI Act says of it. `points` are points of Annex III: where the word is used, one of them is answered yes
#   or an exclusion of Annex III holds. `article` is the place in the Act, or the reason why none applies. A word that is
#   not here leaves the tier undetermined: it is added here, with its article, by who answers for the policies. No word
#   takes a duty away.
package risk.vocabulary

# What the system does.
tasks := object.union(object.union(named_uses, practices), object.union(outside_uses, plain_uses))

named_uses := {
	"face-recognition": {"points": ["1a"], "article": "Annex III 1(a)"},
	"voice-identification": {"points": ["1a"], "article": "Annex III 1(a)"},
	"gait-recognition": {"points": ["1a"], "article": "Annex III 1(a)"},
	"biometric-categorisation": {"points": ["1b"], "article": "Annex III 1(b)"},
	"emotion-inference": {"points": ["1c"], "article": "Annex III 1(c)"},
	"infrastructure-safety": {"points": ["2"], "article": "Annex III 2"},
	"traffic-control": {"points": ["2"], "article": "Annex III 2"},
	"grid-control": {"points": ["2"], "article": "Annex III 2"},
	"water-control": {"points": ["2"], "article": "Annex III 2"},
	"admission": {"points": ["3a"], "article": "Annex III 3(a)"},
	"grading": {"points": ["3b"], "article": "Annex III 3(b)"},
	"learning-assessment": {"points": ["3b", "3c"], "article": "Annex III 3(b), 3(c)"},
	"placement-testing": {"points": ["3c"], "article": "Annex III 3(c)"},
	"exam-proctoring": {"points": ["3d"], "article": "Annex III 3(d)"},
	"cv-screening": {"points": ["4a"], "article": "Annex III 4(a)"},
	"recruitment": {"points": ["4a"], "article": "Annex III 4(a)"},
	"candidate-ranking": {"points": ["4a"], "article": "Annex III 4(a)"},
	"job-advertising": {"points": ["4a"], "article": "Annex III 4(a)"},
	"performance-evaluation": {"points": ["4b"], "article": "Annex III 4(b)"},
	"worker-monitoring": {"points": ["4b"], "article": "Annex III 4(b)"},
	"promotion-and-termination": {"points": ["4b"], "article": "Annex III 4(b)"},
	"task-allocation": {"points": ["4b"], "article": "Annex III 4(b)"},
	"benefit-eligibility": {"points": ["5a"], "article": "Annex III 5(a)"},
	"welfare-eligibility": {"points": ["5a"], "article": "Annex III 5(a)"},
	"credit-scoring": {"points": ["5b"], "article": "Annex III 5(b)"},
	"affordability-check": {"points": ["5b"], "article": "Annex III 5(b)"},
	"fraud-detection": {"points": ["5b"], "article": "Annex III 5(b), taken out where it is the only use"},
	"life-insurance-pricing": {"points": ["5c"], "article": "Annex III 5(c)"},
	"health-insurance-pricing": {"points": ["5c"], "article": "Annex III 5(c)"},
	"emergency-dispatch": {"points": ["5d"], "article": "Annex III 5(d)"},
	"patient-triage": {"points": ["5d"], "article": "Annex III 5(d)"},
	"victim-risk": {"points": ["6a"], "article": "Annex III 6(a)"},
	"lie-detection": {"points": ["6b", "7a"], "article": "Annex III 6(b), 7(a)"},
	"evidence-reliability": {"points": ["6c", "7c"], "article": "Annex III 6(c), 7(c)"},
	"predictive-policing": {"points": ["6d", "6e"], "article": "Annex III 6(d), 6(e)"},
	"offence-risk": {"points": ["6d"], "article": "Annex III 6(d)"},
	"recidivism-risk": {"points": ["6d"], "article": "Annex III 6(d)"},
	"criminal-profiling": {"points": ["6e"], "article": "Annex III 6(e)"},
	"migration-risk": {"points": ["7b"], "article": "Annex III 7(b)"},
	"visa-examination": {"points": ["7c"], "article": "Annex III 7(c)"},
	"asylum-examination": {"points": ["7c"], "article": "Annex III 7(c)"},
	"border-identification": {"points": ["7d"], "article": "Annex III 7(d)"},
	"travel-document-verification": {"points": ["7d"], "article": "Annex III 7(d), taken out where it is the only use"},
	"legal-research-for-courts": {"points": ["8a"], "article": "Annex III 8(a)"},
	"dispute-resolution": {"points": ["8a"], "article": "Annex III 8(a)"},
	"voter-targeting": {"points": ["8b"], "article": "Annex III 8(b)"},
	"campaign-logistics": {"points": ["8b"], "article": "Annex III 8(b), taken out where it is the only use"},
}

practices := {
	"intimate-imagery": {"points": [], "article": "Art 5(1)(ba)"},
	"child-abuse-material": {"points": [], "article": "Art 5(1)(bb)"},
	"social-scoring": {"points": [], "article": "Art 5(1)(c)"},
	"untargeted-face-scraping": {"points": [], "article": "Art 5(1)(e)"},
	"face-scraping": {"points": [], "article": "Art 5(1)(e)"},
}

# Uses that are outside of the Act where that is claimed and holds.
outside_uses := {
	"military-targeting": {"points": [], "article": "Art 2(3)"},
	"military-surveillance": {"points": [], "article": "Art 2(3)"},
}

# Uses that no point of Annex III and no point of Art 5 names by themselves; every other answer still counts.
plain_uses := {word: {"points": [], "article": [article | some article, named in plain_words; word in named][0]} |
	some words in plain_words
	some word in words
}

plain_words := {
	"no point of Annex III": [
		"anomaly-detection", "classification", "clustering", "code-generation", "customer-segmentation", "customer-service",
		"demand-planning", "document-classification", "document-extraction", "driver-monitoring", "forecasting", "game-play",
		"identity-verification", "inventory-planning", "machine-control", "maintenance-prediction", "media-recommendation",
		"network-security", "object-detection", "optical-character-recognition", "price-forecasting", "product-recommendation",
		"quality-inspection", "regression", "route-planning", "search-ranking", "spam-filter", "speech-to-text", "summarisation",
		"text-classification", "translation", "weather-forecasting",
	],
	"Annex III 5(c), which names life and health insurance alone": ["motor-insurance-pricing", "property-insurance-pricing"],
	"Annex I points 11 and 12": ["diagnosis-support", "medical-imaging", "therapy-support"],
	"Annex I": ["robot-control", "vehicle-control"],
	"Art 50": [
		"chatbot", "image-editing", "image-generation", "music-generation", "speech-synthesis", "text-generation", "video-generation",
	],
	"Art 5(1)(a), (b)": ["content-moderation", "marketing", "personalised-advertising"],
}

# Tasks that generate content by their name, with the kind of it.
generating := {
	"code-generation": "text",
	"image-editing": "image",
	"image-generation": "image",
	"music-generation": "audio",
	"speech-synthesis": "audio",
	"summarisation": "text",
	"text-generation": "text",
	"translation": "text",
	"video-generation": "video",
}

# Tasks under a point that speaks of natural persons alone: the scoring of companies is not under it.
about_persons := {"affordability-check", "credit-scoring"}

# Tasks that are a practice of Art 5(1) by their name, with its point.
practice_of := {
	"intimate-imagery": "ba",
	"child-abuse-material": "bb",
	"social-scoring": "c",
	"offence-risk": "d",
	"predictive-policing": "d",
	"recidivism-risk": "d",
	"face-scraping": "e",
	"untargeted-face-scraping": "e",
}

# What its output decides about natural persons, or helps to decide.
decisions := {
	"identification": {"points": ["1a", "7d"], "article": "Annex III 1(a), 7(d)"},
	"biometric-category": {"points": ["1b"], "article": "Annex III 1(b)"},
	"emotional-state": {"points": ["1c"], "article": "Annex III 1(c)"},
	"infrastructure-operation": {"points": ["2"], "article": "Annex III 2"},
	"admission": {"points": ["3a"], "article": "Annex III 3(a)"},
	"learning-outcome": {"points": ["3b"], "article": "Annex III 3(b)"},
	"level-of-education": {"points": ["3c"], "article": "Annex III 3(c)"},
	"exam-conduct": {"points": ["3d"], "article": "Annex III 3(d)"},
	"recruitment": {"points": ["4a"], "article": "Annex III 4(a)"},
	"terms-of-work": {"points": ["4b"], "article": "Annex III 4(b)"},
	"promotion": {"points": ["4b"], "article": "Annex III 4(b)"},
	"termination": {"points": ["4b"], "article": "Annex III 4(b)"},
	"task-allocation": {"points": ["4b"], "article": "Annex III 4(b)"},
	"work-performance": {"points": ["4b"], "article": "Annex III 4(b)"},
	"public-benefits": {"points": ["5a"], "article": "Annex III 5(a)"},
	"credit": {"points": ["5b"], "article": "Annex III 5(b)"},
	"life-or-health-insurance": {"points": ["5c"], "article": "Annex III 5(c)"},
	"emergency-priority": {"points": ["5d"], "article": "Annex III 5(d)"},
	"victim-protection": {"points": ["6a"], "article": "Annex III 6(a)"},
	"truthfulness": {"points": ["6b", "7a"], "article": "Annex III 6(b), 7(a)"},
	"weight-of-evidence": {"points": ["6c"], "article": "Annex III 6(c)"},
	"offending-risk": {"points": ["6d"], "article": "Annex III 6(d)"},
	"criminal-profile": {"points": ["6e"], "article": "Annex III 6(e)"},
	"migration-risk": {"points": ["7b"], "article": "Annex III 7(b)"},
	"visa-asylum-residence": {"points": ["7c"], "article": "Annex III 7(c)"},
	"judgment": {"points": ["8a"], "article": "Annex III 8(a)"},
	"vote": {"points": ["8b"], "article": "Annex III 8(b)"},
	"social-standing": {"points": [], "article": "Art 5(1)(c)"},
	"account-or-content": {"points": [], "article": "no point of Annex III"},
	"fraud-alert": {"points": [], "article": "Annex III 5(b), which does not reach financial fraud"},
	"housing": {"points": [], "article": "no point of Annex III"},
	"medical-care": {"points": [], "article": "Annex I points 11 and 12"},
	"other-insurance": {"points": [], "article": "Annex III 5(c), which names life and health insurance alone"},
	"price": {"points": [], "article": "no point of Annex III"},
	"product-safety": {"points": [], "article": "Annex I"},
	"service-quality": {"points": [], "article": "no point of Annex III"},
}

# Whom or what its output is about. Points count where it has an effect on them.
targets := {
	"applicants-for-work": {"points": ["4a"], "article": "Annex III 4(a)"},
	"applicants-for-study": {"points": ["3a", "3c"], "article": "Annex III 3(a), 3(c)"},
	"asylum-seekers": {"points": ["7a", "7b", "7c", "7d"], "article": "Annex III 7"},
	"benefit-claimants": {"points": ["5a"], "article": "Annex III 5(a)"},
	"borrowers": {"points": ["5b"], "article": "Annex III 5(b)"},
	"emergency-callers": {"points": ["5d"], "article": "Annex III 5(d)"},
	"life-or-health-insured": {"points": ["5c"], "article": "Annex III 5(c)"},
	"migrants": {"points": ["7a", "7b", "7c", "7d"], "article": "Annex III 7"},
	"offenders": {"points": ["6b", "6c", "6d", "6e"], "article": "Annex III 6"},
	"parties-to-proceedings": {"points": ["8a"], "article": "Annex III 8(a)"},
	"students": {"points": ["3a", "3b", "3c", "3d"], "article": "Annex III 3"},
	"suspects": {"points": ["6b", "6c", "6d", "6e"], "article": "Annex III 6"},
	"travellers": {"points": ["7a", "7b", "7d"], "article": "Annex III 7"},
	"victims": {"points": ["6a"], "article": "Annex III 6(a)"},
	"voters": {"points": ["8b"], "article": "Annex III 8(b)"},
	"workers": {"points": ["4b"], "article": "Annex III 4(b)"},
	"children": {"points": [], "article": "Art 5(1)(b)"},
	"persons-in-hardship": {"points": [], "article": "Art 5(1)(b)"},
	"persons-with-disabilities": {"points": [], "article": "Art 5(1)(b)"},
	"animals": {"points": [], "article": "no natural person"},
	"companies": {"points": [], "article": "no natural person"},
	"consumers": {"points": [], "article": "no point of Annex III"},
	"documents": {"points": [], "article": "no natural person"},
	"drivers": {"points": [], "article": "no point of Annex III"},
	"general-public": {"points": [], "article": "no point of Annex III"},
	"machines": {"points": [], "article": "no natural person"},
	"nature": {"points": [], "article": "no natural person"},
	"other-insured": {"points": [], "article": "no point of Annex III"},
	"patients": {"points": [], "article": "Annex I points 11 and 12"},
	"users": {"points": [], "article": "no point of Annex III"},
}

# Targets whose vulnerability Art 5(1)(b) protects.
vulnerable := {"children", "persons-in-hardship", "persons-with-disabilities"}

# Settings in which an effect on persons falls under a point, unless a decision of `settles` says what it is instead.
contexts := {
	"border": {
		"points": ["7a", "7b", "7c", "7d"],
		"settles": ["fraud-alert", "product-safety", "service-quality"],
		"article": "Annex III 7",
	},
	"education": {"points": ["3a", "3b", "3c", "3d", "4a", "4b"], "settles": ["price", "product-safety"], "article": "Annex III 3"},
	"finance": {
		"points": ["5b", "5c"],
		"settles": ["account-or-content", "fraud-alert", "other-insurance", "price"],
		"article": "Annex III 5(b), 5(c)",
	},
	"health": {
		"points": ["5a", "5c", "5d"],
		"settles": ["medical-care", "price", "product-safety", "service-quality"],
		"article": "Annex III 5",
	},
	"justice": {"points": ["6a", "6b", "6c", "6d", "6e", "8a"], "settles": ["product-safety"], "article": "Annex III 6, 8(a)"},
	"workplace": {"points": ["4a", "4b"], "settles": ["product-safety"], "article": "Annex III 4"},
}

# What a biometric categorisation tells of a person.
traits := {
	"race": "Art 5(1)(g)",
	"ethnicity": "Art 5(1)(g)",
	"political-opinions": "Art 5(1)(g)",
	"religion-or-belief": "Art 5(1)(g)",
	"sex-life": "Art 5(1)(g)",
	"sexual-orientation": "Art 5(1)(g)",
	"union-membership": "Art 5(1)(g)",
	"age": "Annex III 1(b)",
	"disability": "Annex III 1(b)",
	"gender": "Annex III 1(b)",
	"health": "Annex III 1(b)",
	"nationality": "Annex III 1(b)",
	"sex": "Annex III 1(b)",
	"clothing": "Art 50(3)",
	"eye-colour": "Art 50(3)",
	"glasses": "Art 50(3)",
	"hair-colour": "Art 50(3)",
	"height": "Art 50(3)",
}

# Means of persuasion and targeting.
influences := {
	"dark-patterns": "Art 5(1)(a)",
	"deception": "Art 5(1)(a)",
	"manipulation": "Art 5(1)(a)",
	"subliminal": "Art 5(1)(a)",
	"targets-age": "Art 5(1)(b)",
	"targets-children": "Art 5(1)(b)",
	"targets-disability": "Art 5(1)(b)",
	"targets-hardship": "Art 5(1)(b)",
	"gamification": "persuasion, which Art 5(1) reaches only with harm to the vulnerable",
	"nudging": "persuasion, which Art 5(1) reaches only with harm to the vulnerable",
	"personalised-advertising": "persuasion, which Art 5(1) reaches only with harm to the vulnerable",
	"personalised-ranking": "persuasion, which Art 5(1) reaches only with harm to the vulnerable",
	"reminders": "persuasion, which Art 5(1) reaches only with harm to the vulnerable",
}

# Member States of the Union, ISO 3166.
member_states := {
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
	"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}

# What a questionnaire says in words that are not here, in words of ours.
unknown(q) := array.concat(
	[text | not known(tasks, q.task); text := unknown_word("task", q.task)],
	array.concat(
		[text | some word in q.decisions; not known(decisions, word); text := unknown_word("decisions", word)],
		array.concat(
			[text | some word in q.targets; not known(targets, word); text := unknown_word("targets", word)],
			array.concat(
				[text |
					some word in q.targeting_features
					not known(influences, word)
					text := unknown_word("targeting_features", word)
				],
				[text |
					some word in q.categorised_traits
					not known(traits, word)
					text := unknown_word("categorised_traits", word)
				],
			),
		),
	),
)

known(words, word) if words[word]

unknown_word(field, word) := concat("", [
	field,
	" says `",
	word,
	"`, which policies/risk/vocabulary.rego does not know: use the word there that fits, or have this one added with its article",
])
