package lib.texts_test

import data.lib.texts

test_small_letters if {
	texts.lower("Equalized_ODDS 2") == "equalized_odds 2"
	texts.lower("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "abcdefghijklmnopqrstuvwxyz"
	texts.lower("") == ""
}

test_other_letters_stay if {
	texts.lower("DEMOGRAPHİC_PARİTY") == "demographİc_parİty"
	texts.lower("ΟΔΟΣ Ä") == "ΟΔΟΣ Ä"
}
