// title: Connections whose swap shows an effect
// group: cause
// question: Which connections show an effect: do texts that are moved to the region that it leaves go where it goes?
// only: documents is about interventions, which move documents from region to region
// param: study     study         study to read
// param: category  category?     connections of this category only
// param: layer     layer?        connections that leave this layer only
// param: most_q    float = 0.05  connections whose swap has a q value of at most this
// param: limit     int = 50      most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  that takes it, or avoids it
// returns: finding          string?   more or less than the others; null if it is no finding
// returns: effect           float?    log odds ratio against the others that it was compared with (see findings); between components, Fisher's z
// returns: ci_low           float?    lower end of its confidence interval; null where it has none
// returns: ci_high          float?    upper end of it; null where it has none
// returns: q                float?    q value of the connection: that the categories take it alike
// returns: stability        float?    share of bootstrap refits of the atlas in which it is found again
// returns: causal_q         float     q value of its swap; of several swaps the largest
// returns: swaps            int       swaps that were run of it
// returns: least_change     float?    smallest change of the share of the moved texts where the effect is expected, over its swaps
// returns: most_change      float?    the largest of these
// returns: source_keywords  list      words of the region it leaves
// returns: target_keywords  list      words of the region it reaches
// view: graph
//
// Stored by `mri intervene STUDY`. A swap is of a connection, not of a category: each category that takes it or avoids it
// has a row with the same causal_q: of a rank in the direction that more of the moved texts go where the connection goes.
// It is of this direction in this model on these texts at this site, and not a mechanism.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.causal_q <= $most_q AND ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR e.category = $category)
WITH l, s, e, t ORDER BY round(e.causal_q * 1e12), l.index, s.id, t.id, e.category LIMIT $limit
MATCH (s)<-[:OF]-(i:Intervention {operation: 'swap'})
WHERE $study + '/' + i.towards = t.id
WITH l, s, e, t, count(i) AS swaps, min(i.effect) AS least_change, max(i.effect) AS most_change
RETURN s.id AS source, t.id AS target, l.index AS layer, e.category AS category, e.finding AS finding,
       e.effect AS effect, e.ci_low AS ci_low, e.ci_high AS ci_high, e.q AS q, e.stability AS stability,
       e.causal_q AS causal_q, swaps, least_change, most_change, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(causal_q * 1e12), layer, source, target, category
