# METADATA
# title: Vendor assessed and acceptable
# description: >-
#   Each supplier that lineage names upstream has an assessment that is not due yet and rates it no worse than is tolerated,
#   and every component says who supplies it. An organisation has no lineage of its own: it is asked what gate registration
#   said of this on each of its systems. The rating is the signer's word.
# custom:
#   severity: major
#   basis: policy
#   mode: attested
#   gates: [registration, portfolio]
#   evidence: [lineage-graph, portfolio-standing, vendor-assessment]
#   parameters: [max_vendor_risk, portfolio_review_days]
#   objectives:
#     suppliers-assessed:
#       says: "Every supplier was assessed, is acceptable, and is not due for review."
#       at: [registration]
#       covers: [S1.M8.7]
#       reads: [lineage-graph, vendor-assessment]
#     every-system-holds:
#       says: "Of every system the last word of gate registration holds, and speaks against nothing here."
#       at: [portfolio]
#       covers: [S1.M8.7]
#       reads: [portfolio-standing]
#   may_be_empty:
#     lineage-graph.upstream_components: a system may be built of nothing that others supply
#     parameters.max_vendor_risk: where nobody supplies anything no rating is asked for
#   may_stand_beside: {vendor-assessment.vendor: the assessment of somebody else says nothing of this supplier}
#   frameworks: {nist-ai-rmf: ["GOVERN 6.1", "MANAGE 3.1"], iso-42001: ["A.10.3"]}
#   remediation: Assess the supplier or replace it.
package controls.organisation.TP_01

import data.lib.findings as say
import data.lib.standings

graphs := input.evidence["lineage-graph"]

assessments := input.evidence["vendor-assessment"]

ratings := ["low", "medium", "high", "critical"]

reviews := input.evidence["portfolio-standing"]

asked := {"control": "TP-01", "gate": "registration", "days": data.parameters.portfolio_review_days}

satisfied contains "suppliers-assessed" if {
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.upstream_components)
		count([component | some component in graph.predicate.upstream_components; not assessed(component)]) == 0
	}
}

assessed(component) if {
	of_vendor := [paper | some paper in assessments; paper.predicate.vendor == component.supplier]
	count(of_vendor) > 0
	every paper in of_vendor {
		acceptable(paper)
	}
}

acceptable(paper) if {
	some worst, limit in ratings
	limit == data.parameters.max_vendor_risk
	some place, rating in ratings
	rating == paper.predicate.risk_rating
	place <= worst
	input.now < paper.predicate.next_review
}

findings contains say.also(open, {"values": {"component": component.name}}) if {
	some graph in graphs
	some component in graph.predicate.upstream_components
	not assessed(component)
	not known(component)
	open := say.gap("suppliers-assessed", graph, "upstream_components", "nobody assessed who supplies {component}, or nobody knows")
}

known(component) if {
	some paper in assessments
	paper.predicate.vendor == component.supplier
}

findings contains say.also(bad, {"observed": rating, "expected": data.parameters.max_vendor_risk, "values": {"vendor": paper.predicate.vendor}}) if {
	some graph in graphs
	some component in graph.predicate.upstream_components
	some paper in assessments
	paper.predicate.vendor == component.supplier
	not acceptable(paper)
	rating := paper.predicate.risk_rating
	bad := say.breach("suppliers-assessed", paper, "risk_rating", "the supplier {vendor} is rated {observed} or due for review; at most {expected} is tolerated")
}

satisfied contains "every-system-holds" if standings.hold(reviews, asked)

findings contains standings.empty("every-system-holds") if {
	some review in reviews
	count(review.predicate.versions) == 0
}

findings contains told if {
	some review in reviews
	some version in review.predicate.versions
	told := standings.finding("every-system-holds", review, version, asked)
}
