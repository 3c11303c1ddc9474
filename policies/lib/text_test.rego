package lib.text_test

import data.lib.text

test_a_sentence_says_something if {
	every written in [
		"drowsiness of crane drivers",
		"search for a missing child by court order",
		"Νόμιμη εξαίρεση",
		"法律根拠あり",
		"ISO 42001",
		"labelled robot arm",
		"no test persons are filmed",
	] {
		text.says_something(written)
	}
}

test_a_placeholder_says_nothing if {
	every written in [
		"", " ", "\t\n", "-", "--", ".", "...", "?", "n/a", "N/A", "N.A.", "n / a", "na", "none", "None.", "NONE!", "TBD", "tbd…", "T B D",
		"to do", "TODO", "[todo]", "not applicable", "Not Applicable.", "none, none", "n/a n/a", "x", "xx", "XXX", "aaaaaaa", "a a a a", "ok",
		"ababab", "\u200b", "\u00a0\u3000", "<placeholder>", "lorem ipsum", "test", "null", "unknown", "\"none\"",
	] {
		not text.says_something(written)
	}
}

test_what_is_no_text_says_nothing if {
	every given in [1, true, null, ["a sentence that says something"], {"text": "a sentence that says something"}] {
		not text.says_something(given)
	}
}

test_one_long_word_says_something if {
	max([count(word) | some word in text.words]) == 11
	max([count(phrase) | some phrase in text.phrases]) == 16
	count([phrase | some phrase in text.phrases; not contains(phrase, " "); count(phrase) > 11]) == 0
	not text.placeholder("placeholderx")
	text.placeholder("placeholder")
	text.placeholder("to be determined")
	text.placeholder("none none none none none none")
	text.says_something("sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc1")
}

# What is done with after two letters is no placeholder, however that is written.
test_no_placeholder_opens_a_name if {
	every one in text.words | text.phrases {
		not text.opens_a_name(one)
		not text.opens_a_name(replace(one, " ", ""))
		not text.opens_a_name(upper(one))
		text.nameless(one)
		text.nameless(upper(one))
		text.nameless(concat("", [" ", one, "."]))
	}
	not text.opens_a_name("t B d")
	text.nameless("t B d")
	text.opens_a_name("alice")
	not text.nameless("x")
	not text.nameless("Ärztin")
}

test_small_letters if {
	text.lower("Equalized_ODDS 2") == "equalized_odds 2"
	text.lower("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "abcdefghijklmnopqrstuvwxyz"
	text.lower("") == ""
}

test_other_letters_stay if {
	text.lower("DEMOGRAPHİC_PARİTY") == "demographİc_parİty"
	text.lower("ΟΔΟΣ Ä") == "ΟΔΟΣ Ä"
}

test_mentions if {
	text.mentions("Retrain cards", "cards")
	text.mentions("Retrain (cards), and tell sales.", "cards")
	text.mentions("Decide what becomes of mortgage defaults", "mortgage defaults")
	not text.mentions("Retrain cards", "card")
	not text.mentions("Retrain mortgage-eu", "mortgage")
	not text.mentions("Retrain cards", "")
}

test_told if {
	every answer in ["no", "grant", "unknown", 0, 1.5, false, [], {}] {
		text.told(answer)
	}
	every answer in [null, "", " ", "-"] {
		not text.told(answer)
	}
}

test_a_name_holds_words if {
	every name in ["race", "Race", "predicted_race", "out/race", "race score", "model.race:top"] {
		text.names(name, "race")
	}
	not text.names("trace", "race")
	text.names("sexual_orientation", "sexual-orientation")
	not text.names("orientation", "sexual-orientation")
	not text.names(7, "race")
}

test_a_name_in_other_letters_is_the_same if {
	every name in ["Eli Novak", "ELI NOVAK", " eli  novak "] {
		text.folded_name(name) == "eli novak"
	}
	text.folded_name("Elin Ovak") != "eli novak"
}

test_a_beginning_of_three_letters_says_something if {
	every written in ["aab", "Registry entry", "1,190 applications", "resort", "nonesuch", "tbdx"] {
		text.says_something(written)
	}
}

test_a_beginning_that_placeholders_have_is_read_on if {
	every written in ["Tests", "Reason enough", "none at all", "no score for an hour"] {
		text.says_something(written)
	}
	every written in ["REASON: reason", "aba", "ababab", "AbAb", "ok ok", "None.", "not applicable", "N/A - n/a", "tEsT test", "T B D"] {
		not text.says_something(written)
	}
}

test_only_a_to_z_become_small if text.lower("ÀÉ İSTANBUL ~Z") == "ÀÉ İstanbul ~z"
