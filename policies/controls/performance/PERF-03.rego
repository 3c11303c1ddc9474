# METADATA
# title: Class proportions kept across folds
# description: >-
#   Where the smallest class is rare, by the training run or by the labels of any run, the data were split in strata, and the
#   share of each class differs little between the folds, which tell of every class. Data that are grouped or ordered in time cannot be split so
#   (PERF-04): there the shares alone are judged. The shares of the folds are the word of the training run's source.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation]
#   evidence: {training-run: any, validation-run: measured}
#   applies: [training-run, validation-run]
#   may_be_empty: {training-run.data_structure: data of any structure may be split in strata}
#   parameters: [imbalance_share, max_class_share_gap]
#   objectives:
#     split-in-strata:
#       says: "The data were split in strata, unless they are grouped or ordered in time."
#       covers: [S0.M3.2]
#       reads: [training-run]
#     proportions-kept:
#       says: The share of each class differs little between the folds.
#       covers: [S0.M3.2]
#       reads: [training-run]
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"], iso-42001: ["A.6.2.4"], eu-ai-act: ["15(1)"]}
#   remediation: Split with stratification and train again.
package controls.performance.PERF_03

import data.lib.findings as say
import data.lib.numbers
import data.lib.time as calendar

trainings := input.evidence["training-run"]

runs := input.evidence["validation-run"]

# Both must be known: the share in the training run and the labels of each run.
applies := imbalanced if {
	data.parameters.imbalance_share > 0
	count(trainings) > 0
	count(runs) > 0
	every training in trainings {
		is_number(training.predicate.minority_share)
	}
	every run in runs {
		count(run.predicate.class_sizes) > 1
	}
}

imbalanced if {
	some training in trainings
	training.predicate.minority_share < data.parameters.imbalance_share
}

imbalanced if {
	some run in runs
	rare(run)
}

default imbalanced := false

# A class has no more of the labels than the share in whole percent, as measured.
rare(run) if {
	some size in run.predicate.class_sizes
	numbers.at_most_percent(size, sum([all | some all in run.predicate.class_sizes]), calendar.quotient(numbers.micro(data.parameters.imbalance_share), 10000))
}

satisfied contains "split-in-strata" if {
	count(trainings) > 0
	every training in trainings {
		in_strata(training.predicate)
	}
}

satisfied contains "proportions-kept" if {
	count(trainings) > 0
	every training in trainings {
		kept(training.predicate)
	}
}

in_strata(training) if training.split_strategy == "stratified"

in_strata(training) if {
	training.split_strategy == "temporal"
	"time-ordered" in training.data_structure
}

in_strata(training) if {
	training.split_strategy == "grouped"
	"grouped" in training.data_structure
}

# Each fold tells the share of the same classes, two at least, and no class differs much.
kept(training) if {
	count(training.fold_class_shares) > 1
	every fold in training.fold_class_shares {
		count(fold) > 1
		whole(fold)
		object.keys(fold) == object.keys(training.fold_class_shares[0])
		every class, _ in fold {
			every other in training.fold_class_shares {
				numbers.micro(fold[class]) - numbers.micro(other[class]) <= numbers.micro(data.parameters.max_class_share_gap)
			}
		}
	}
}

findings contains say.also(loose, {"observed": training.predicate.split_strategy}) if {
	some training in trainings
	not is_in_strata(training)
	loose := say.breach("split-in-strata", training, "split_strategy", "a class is rare, and the {observed} split does not keep the proportions of the classes")
}

# The shares of all classes are one, to the hundredth: no class is left out.
whole(fold) if {
	all_of_it := sum([numbers.micro(share) | some share in fold])
	all_of_it >= 990000
	all_of_it <= 1010000
	count([share | some share in fold; share < 0]) == 0
}

is_in_strata(training) if in_strata(training.predicate)

findings contains say.gap("proportions-kept", training, "fold_class_shares", "the shares of the classes in at least two folds are not recorded") if {
	some training in trainings
	not told(training)
}

told(training) if count(training.predicate.fold_class_shares) > 1

findings contains say.also(apart, {"expected": data.parameters.max_class_share_gap}) if {
	some training in trainings
	told(training)
	not is_kept(training)
	apart := say.breach("proportions-kept", training, "fold_class_shares", "the share of a class differs between two folds by more than {expected}, or a fold does not tell it")
}

is_kept(training) if kept(training.predicate)
