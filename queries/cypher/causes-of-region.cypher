// title: What changes a region
// group: cause
// question: Which interventions change the share of texts that lie in this region, beyond their controls?
// only: documents is about interventions, which move documents from region to region
// param: study   study     study to read
// param: region  region    region that is changed
// param: limit   int = 50  most rows to return
// returns: operation         string     add, erase or swap
// returns: asked             region     id of the region that was asked about, along whose direction activations were changed
// returns: layer             layer      layer in which the activations were changed
// returns: moved_from        region?    id of the region that a swap moves texts from
// returns: moved_to          region?    id of the region of the same layer that it moves them to
// returns: towards           region?    id of the region of the next layer, if a connection was asked about
// returns: category          category?  category whose finding it is
// returns: strength          float      1 is the whole difference of means, or the whole erasure
// returns: delta             float      change of the share of the texts that lie in the region, from -1 to 1
// returns: ci_low            float      lower end of its 95 % confidence interval
// returns: ci_high           float      upper end of it
// returns: control_mean      float      mean change under the controls
// returns: control_max       float      the largest of them in the direction of delta
// returns: p                 float      p value of its rank among the controls
// returns: q                 float      p value adjusted for all regions that could have changed and for everything that was tried
// returns: keywords          list       words of the region that was asked about
//
// Stored by `mri intervene STUDY`, for regions that change beyond the controls. The largest changes come first. An
// intervention shows an effect of this direction in this model on these texts at this site, not a mechanism.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region {llm_mri: true, id: $region})
MATCH (r)<-[c:CHANGES]-(i:Intervention)-[:OF]->(d:Region)
WITH i, c, d ORDER BY round(abs(c.delta) * 1e9) DESC, d.layer, i.id LIMIT $limit
RETURN i.operation AS operation, d.id AS asked, d.layer AS layer,
       $study + '/' + i.source AS moved_from, $study + '/' + i.target AS moved_to, $study + '/' + i.towards AS towards,
       i.category AS category, i.strength AS strength, c.delta AS delta,
       c.ci_low AS ci_low, c.ci_high AS ci_high, c.control_mean AS control_mean, c.control_max AS control_max,
       c.p AS p, c.q AS q, d.keywords AS keywords
ORDER BY round(abs(c.delta) * 1e9) DESC, d.layer, i.id
