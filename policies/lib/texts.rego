# METADATA
# title: Texts
# description: >-
#   Small letters for A to Z alone. The engines' own `lower` part over other letters (of a dotted capital I one makes i,
#   one i and a dot), and a word that is looked for in a text would be found by one and not by another.
package lib.texts

# A text with A to Z as small letters and everything else as it is.
lower(text) := concat("", [object.get(small, letter, letter) | some letter in split(text, "")])

small := {
	"A": "a", "B": "b", "C": "c", "D": "d", "E": "e", "F": "f", "G": "g", "H": "h", "I": "i",
	"J": "j", "K": "k", "L": "l", "M": "m", "N": "n", "O": "o", "P": "p", "Q": "q", "R": "r",
	"S": "s", "T": "t", "U": "u", "V": "v", "W": "w", "X": "x", "Y": "y", "Z": "z",
}
