# METADATA
# title: Text that says something
# description: >-
#   A reason or ground that a person must give is more than a blank, a mark, a placeholder (n/a, none, TBD, …) or one or
#   two letters over and over. Whether it is true no rule can tell: a second person signs for that.
package lib.text

import data.lib.letters

says_something(written) if {
	is_string(written)
	begins_with_three(written)
}

says_something(written) if {
	is_string(written)
	not begins_with_three(written)
	core := bare(written)
	not blank_or_placeholder(core)
	not few_letters(core)
}

# It begins with three letters or digits, of which the third is another, and with no placeholder: no more need be read.
begins_with_three(written) if {
	opens_a_name(written)
	third := substring(written, 2, 1)
	folded[third]
	trim(third, substring(written, 0, 2)) != ""
}

# A blank or a placeholder.
nameless(written) if {
	not opens_a_name(written)
	blank_or_placeholder(bare(written))
}

# No placeholder begins with these two letters or digits, or these three, as most names do not, and are done with here.
opens_a_name(written) if {
	first := folded[substring(written, 0, 1)]
	second := folded[substring(written, 1, 1)]
	not openings[concat("", [first, second])]
} else if {
	three := [folded[substring(written, 0, 1)], folded[substring(written, 1, 1)], folded[substring(written, 2, 1)]]
	not long_openings[concat("", three)]
}

# Letters and digits, each in its small form.
folded := object.union(letters.forms, {letter: letter | some letter in split("abcdefghijklmnopqrstuvwxyz0123456789", "")})

openings := {substring(replace(one, " ", ""), 0, 2) | some one in (words | phrases)}

long_openings := {substring(replace(one, " ", ""), 0, 3) | some one in (words | phrases)}

blank_or_placeholder(core) if core == ""

blank_or_placeholder(core) if placeholder(core)

# The text without the blanks and marks around it, those included that cannot be seen.
bare(written) := trim(written, " \t\r\n.,:;!?*/|#~=+_-–—…<>()[]{}'\"`\u0000\u00a0\u00ad\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\u3164\ufeff")

# Nothing, or no more than two letters however often: `xx`, `ok`, `ababab`.
few_letters(core) if {
	joined := replace(core, " ", "")
	trim(joined, substring(joined, 0, 2)) == ""
}

few_letters(core) if core == ""

# None has a letter beyond ASCII.
placeholder(core) if {
	letters.plain(core)
	stands_for_nothing(lower(core))
}

# Looked up, not gone through. The longest phrase has 16 letters and the longest word 11: no id is gone through by letter.
stands_for_nothing(core) if {
	substring(core, 16, 1) == ""
	phrases[core]
}

stands_for_nothing(core) if {
	joined := replace(core, " ", "")
	substring(joined, 11, 1) == ""
	words[joined]
}

stands_for_nothing(core) if {
	parts := split(core, " ")
	count(parts) > 1
	words[bare_word(parts[0])]
	words[bare_word(parts[1])] # by which most sentences are done with
	every word in parts {
		words[bare_word(word)]
	}
}

# As `bare`, of a word in small letters: most have no marks at all.
bare_word(word) := word if {
	trim_left(word, "etaoinsrhldcumfpgwybvkxjqz") == ""
} else := bare(word)

# A name holds the words of another, in their order: `race` stands in `Predicted_race`, and not in `trace`.
names(written, other) if {
	is_string(written)
	contains(hyphened(written), hyphened(other))
}

# The words of a name, each between two hyphens.
hyphened(written) := concat("", ["-", replace(replace(replace(replace(replace(lower(written), "_", "-"), " ", "-"), "/", "-"), ".", "-"), ":", "-"), "-"])

words := {
	"", "-", "abc", "asdf", "bar", "default", "dito", "ditto", "dummy", "example", "fixme", "foo", "ipsum", "lorem", "misc", "n/a",
	"n.a", "na", "nil", "no", "none", "not", "nothing", "null", "other", "pending", "placeholder", "qwerty", "reason", "same",
	"some", "tba", "tbc", "tbd", "test", "text", "todo", "undefined", "unknown", "unspecified", "wip", "xyz", "yes",
}

phrases := {
	"a reason", "as above", "as required", "in progress", "no comment", "no reason", "not applicable", "not available", "not known",
	"not needed", "not relevant", "see above", "see below", "to be confirmed", "to be completed", "to be decided", "to be defined",
	"to be determined", "to be done", "to do", "to follow", "we say so", "because",
}

# An answer or outcome, of whatever type: neither null nor a blank.
told(answer) if {
	answer != null
	not is_string(answer)
}

told(answer) if {
	is_string(answer)
	bare(answer) != ""
}

# The text names something by its whole name: "card" does not stand in "Retrain cards". Marks part words, but within a name.
mentions(written, name) if {
	name != ""
	contains(parted(written), concat("", [" ", name, " "]))
}

parted(written) := concat("", [" ", concat(" ", [trim(word, ".,:;!?()\"'`") | some word in split(written, " ")]), " "])

# One name in other letters, or with more blanks, is the same name.
folded_name(written) := concat(" ", [part | some part in split(lower(written), " "); part != ""])

# A text with A to Z as small letters and everything else as it is.
lower(text) := letters.small(text)
