// title: Interventions
// group: cause
// question: Which interventions were tried, and what did each change, next to its controls?
// only: documents is about interventions, which move documents from region to region
// param: study      study                    study to read
// param: operation  string(add|erase|swap)?  interventions of this kind only
// param: region     region?                  interventions that were asked about this region only
// param: limit      int = 1000               most rows to return
// returns: operation             string     add, erase or swap
// returns: region                region     id of the region that was asked about
// returns: layer                 layer      layer in which the activations were changed
// returns: moved_from            region?    id of the region that a swap moves texts from
// returns: moved_to              region?    id of the region of the same layer that it moves them to
// returns: towards               region?    id of the region of the next layer, if a connection was asked about
// returns: category              category?  category whose finding it is, and whose probability is read
// returns: strength              float      1 is the whole difference of means, or the whole erasure
// returns: documents             int        texts that were changed
// returns: effect                float?     change of the share of the texts in the region where it is expected; null if no layer counts
// returns: effect_layer          layer?     layer in which the effect stands out most from the controls
// returns: ci_low                float?     lower end of its 95 % confidence interval
// returns: ci_high               float?     upper end of it
// returns: controls              int        directions that it is ranked among
// returns: control_mean          float?     mean change under the controls
// returns: control_max           float?     the largest of them, in the direction that is expected
// returns: standardised          float?     effect less the controls' mean, over their standard deviation
// returns: p                     float?     p value of its rank among the controls, in that direction
// returns: q                     float?     p value adjusted for everything that was tried in the same command
// returns: depth                 layer?     last layer in which the effect stands out from the controls; null if in none
// returns: displacement          float      how far the texts' rows moved in the last layer, over their spread
// returns: control_displacement  float      the controls' mean of it
// returns: probability           float?     change of the category's probability, by a linear probe of the last layer
// returns: probability_p         float?     p value of its rank among the controls
// returns: loss                  float?     change of the mean loss on the texts' own tokens, in nats a token
// returns: loss_p                float?     p value of its rank among the controls
//
// Stored by `mri intervene STUDY`. The smallest q comes first, and what has none last. An intervention shows an effect of
// this direction in this model on these texts at this site, not a mechanism.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(i:Intervention)-[:OF]->(r:Region)
WHERE ($operation IS NULL OR i.operation = $operation) AND ($region IS NULL OR r.id = $region)
WITH i, r ORDER BY round(coalesce(i.q, 2.0) * 1e12), i.layer, i.id LIMIT $limit
RETURN i.operation AS operation, r.id AS region, i.layer AS layer, $study + '/' + i.source AS moved_from,
       $study + '/' + i.target AS moved_to, $study + '/' + i.towards AS towards, i.category AS category,
       i.strength AS strength, i.documents AS documents,
       i.effect AS effect, i.effect_layer AS effect_layer, i.ci_low AS ci_low, i.ci_high AS ci_high,
       i.controls AS controls, i.control_mean AS control_mean, i.control_max AS control_max,
       i.standardised AS standardised, i.p AS p, i.q AS q, i.depth AS depth, i.displacement AS displacement,
       i.control_displacement AS control_displacement, i.probability AS probability,
       i.probability_p AS probability_p, i.loss AS loss, i.loss_p AS loss_p
ORDER BY round(coalesce(i.q, 2.0) * 1e12), i.layer, i.id
