# METADATA
# title: Outcomes and corrections captured as labels
# description: >-
#   Enough predictions get a true label, soon enough, as the label store says and as the logged requests themselves show;
#   reports inside the product are taken in quickly, and corrections of reviewers become labels. Corrections are counted in
#   the decision log, over the window of the reviewers' figures, and the feed says that the log is whole.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [prediction-log, decision-log, feedback-stats, feed-status]
#   parameters: [feedback_ingest_hours, max_label_latency_days, min_correction_share, min_label_coverage, min_live_window_days]
#   objectives:
#     outcomes-captured:
#       says: Enough predictions get a true label, soon enough.
#       covers: [S2.M7.1]
#       reads: [feedback-stats]
#     product-feedback-used:
#       says: Reports inside the product are taken in quickly and become labels.
#       covers: [S3.M4.7]
#       reads: [feedback-stats]
#     corrections-used:
#       says: Enough corrections of reviewers become labels.
#       covers: [S3.M6.5]
#       reads: [decision-log, feedback-stats, feed-status]
#     outcomes-joined:
#       says: Enough of the logged requests hold their outcome, and the label store says so too.
#       covers: [S4.M4.1]
#       reads: [prediction-log, feedback-stats]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of decisions
#     feedback-stats.channel: another channel says nothing of this one
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1", "MEASURE 2.4"], iso-42001: ["A.7.2"]}
#   remediation: Join outcomes and corrections to predictions until the label coverage is met.
package controls.oversight.FB_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.numbers
import data.lib.text
import data.lib.time as calendar

decisions := input.evidence["decision-log"]

requests := input.evidence["prediction-log"]

figures(channel) := [stats | some stats in input.evidence["feedback-stats"]; stats.predicate.channel == channel]

labelled := figures("outcome")

in_product := figures("in-product")

reviewers := figures("reviewer")

covered if {
	count(labelled) > 0
	every stats in labelled {
		stats.predicate.label_coverage >= data.parameters.min_label_coverage
	}
}

satisfied contains "outcomes-captured" if {
	covered
	count(labelled) > 0
	every stats in labelled {
		stats.predicate.label_latency_days <= data.parameters.max_label_latency_days
	}
}

satisfied contains "product-feedback-used" if {
	count(in_product) > 0
	every stats in in_product {
		used(stats.predicate)
	}
}

satisfied contains "corrections-used" if {
	count(reviewers) > 0
	every stats in reviewers {
		log_whole(stats.predicate.window)
		numbers.at_least_share(stats.predicate.converted_to_labels, corrections(stats.predicate.window), data.parameters.min_correction_share)
	}
}

satisfied contains "outcomes-joined" if {
	covered
	enough_joined
}

used(stats) if {
	stats.active == true
	stats.ingest_hours_p95 <= data.parameters.feedback_ingest_hours
	stats.converted_to_labels > 0
}

# Every decision of the window, which is no short one, is here.
log_whole(window) if {
	long(window)
	feeds.all_seen_since(decisions, input.evidence["feed-status"], "decision-log", window.start)
}

long(window) if calendar.at_least_days_between(window.start, window.end, data.parameters.min_live_window_days)

# Decisions of the window that changed the answer, or do not say that they did not.
corrections(window) := count([decision |
	some decision in decisions
	not outside(decision, window)
	not kept(decision)
])

outside(decision, window) if decision.predicate.decided_at < window.start

outside(decision, window) if decision.predicate.decided_at >= window.end

kept(decision) if {
	text.told(decision.predicate.original_output)
	decision.predicate.original_output == decision.predicate.final_output
}

# Each request is counted once.
enough_joined if {
	count(requests) > 0
	count({request.predicate.request_id | some request in requests}) == count(requests)
	numbers.at_least_share(count([request | some request in requests; joined(request)]), count(requests), data.parameters.min_label_coverage)
}

joined(request) if {
	outcome := request.predicate.outcome
	is_string(outcome)
	core := text.bare(outcome)
	not text.lower(core) in unlabelled
}

# Words for an outcome that nobody knows yet.
unlabelled := {"", "n/a", "na", "nan", "null", "pending", "tba", "tbc", "tbd", "undefined", "unknown", "unlabelled"}

joined(request) if is_number(request.predicate.outcome)

joined(request) if is_boolean(request.predicate.outcome)

findings contains say.also(none, {"values": {"channel": channel}}) if {
	some objective, channel in {"outcomes-captured": "outcome", "product-feedback-used": "in-product", "corrections-used": "reviewer"}
	count(figures(channel)) == 0
	none := say.none(objective, "evidence/feedback-stats", "no figures tell of the channel {channel}")
}

findings contains say.also(few, {"expected": data.parameters.min_label_coverage}) if {
	some objective in ["outcomes-captured", "outcomes-joined"]
	count(labelled) > 0
	not covered
	few := say.breach(objective, labelled[0], "label_coverage", "fewer than {expected} of the predictions are said to have a label")
}

findings contains feeds.gap_since("corrections-used", decisions, input.evidence["feed-status"], "decision-log", window.start) if {
	some stats in reviewers
	window := stats.predicate.window
	long(window)
	not log_whole(window)
}

findings contains say.also(brief, {"observed": window.start, "expected": data.parameters.min_live_window_days, "values": {"end": window.end}}) if {
	some stats in reviewers
	window := stats.predicate.window
	not long(window)
	brief := say.gap("corrections-used", stats, "window", "the window of the figures, {observed} to {end}, is shorter than {expected} days")
}

findings contains say.gap("corrections-used", stats, "window", "the window of the figures is not known") if {
	some stats in reviewers
	not stats.predicate.window
}

findings contains say.also(few, {"expected": data.parameters.min_label_coverage}) if {
	count(requests) > 0
	not enough_joined
	few := say.breach("outcomes-joined", requests[0], "outcome", "fewer than {expected} of the logged requests hold their outcome")
}
