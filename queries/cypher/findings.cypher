// title: Findings
// group: connections
// question: Which connections does a category take significantly more, or less, than the others, and how reliable is each?
// param: study     study        study to read
// param: category  category?    findings about this category only
// param: layer     layer?       connections that leave this layer only
// param: way       string(more|less)?  findings of this direction only
// param: order     string(stability|interval) = "stability"  order by stability, or by the end of the confidence interval nearer to 0
// param: limit     int = 50     most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  whose finding it is
// returns: finding          string    more or less than the others; of a further category, than those that were not named before it
// returns: weight           float     documents of the category that take it; between components, rho
// of-tokens: documents     int?      texts that these tokens are of; null between components
// returns: share            float?    share of the category's documents that take it
// returns: others_share     float?    share of the documents of the others together that take it: all other categories without those of named_before
// returns: named_before     list      of a further category, those named before it on the connection: others_share, effect, interval and p are without them
// returns: effect           float?    log odds ratio against the same others together; between components, Fisher's z
// returns: ci_low           float?    lower end of its confidence interval; null where it has none
// returns: ci_high          float?    upper end of it; null where it has none
// returns: q                float     q value of the connection: p value adjusted for the number of tests
// returns: p                float?    p value of this category against the same others; of a further category of grouped documents or tokens from chi-squared, not from permutations, and so perhaps below one over their number
// returns: name_q           float?    the same adjusted for the number of tests: q value for naming this category
// returns: stability        float?    share of bootstrap refits of the atlas in which it is found again
// returns: routing_q        float?    q value of the same test among the documents of the source region only (routing)
// of-tokens: within        float?    log odds ratio within types of tokens, always against all other categories: what exceeds the regions of its words
// of-tokens: within_q      float?    q value of it; null where it was not tested
// returns: keywords         list?     words of its documents compared with those of its source region; null between components
// returns: source_keywords  list      words of the region it leaves
// returns: target_keywords  list      words of the region it reaches
// view: graph
//
// A connection that the category avoids altogether has a weight of 0. Rows of equal stability are ordered by the end of
// their confidence interval nearer to 0: the farther it is from 0, the larger the effect at least is. The intervals are
// adjusted for the selection of the listed findings. Of three or more categories, the surest is compared with all others, and a
// further one with those not named yet: one that all others exceed does not make each of these a finding. With two categories, what one takes more the other takes less: unless
// a category or a direction is given, such a pair is listed once, as more.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.finding IS NOT NULL AND ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR e.category = $category)
  AND ($way IS NULL OR e.finding = $way)
WITH study, s, t, e, study.categories = 2 AND $category IS NULL AND $way IS NULL AND e.finding = 'less' AS paired
OPTIONAL MATCH (s)-[twin:FLOWS_TO {finding: 'more'}]->(t) WHERE paired
WITH study, s, t, e, twin
WHERE twin IS NULL
WITH study, s, t, e, CASE e.finding WHEN 'more' THEN e.ci_low ELSE -e.ci_high END AS nearer
ORDER BY CASE $order WHEN 'stability' THEN round(coalesce(e.stability, -1.0) * 1e9) ELSE 0.0 END DESC,
         round(coalesce(nearer, -1e6) * 1e9) DESC, s.layer, s.id, t.id, e.category LIMIT $limit
MATCH (study)<-[:PART_OF]-(c:Category {name: e.category})
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Category) WHERE b.name IN e.named_before
WITH study, s, t, e, nearer, coalesce(c.tokens, c.documents) AS own, coalesce(sum(coalesce(b.tokens, b.documents)), 0) AS before
OPTIONAL MATCH (s)-[o:FLOWS_TO]->(t)
WHERE o.category <> e.category AND e.share IS NOT NULL AND NOT o.category IN coalesce(e.named_before, [])
WITH study, s, t, e, nearer, own, before, sum(o.weight) AS others
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, e.finding AS finding,
       toFloat(e.weight) AS weight, e.documents AS documents, e.share AS share,
       CASE WHEN e.share IS NOT NULL THEN toFloat(others) / (coalesce(study.tokens, study.documents) - own - before) END AS others_share,
       coalesce(e.named_before, []) AS named_before,
       e.effect AS effect, e.ci_low AS ci_low, e.ci_high AS ci_high,
       e.q AS q, e.p AS p, e.name_q AS name_q, e.stability AS stability, e.routing_q AS routing_q,
       e.within AS within, e.within_q AS within_q,
       CASE WHEN study.atlas <> 'components' THEN coalesce(e.keywords, []) END AS keywords,
       s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY CASE $order WHEN 'stability' THEN round(coalesce(stability, -1.0) * 1e9) ELSE 0.0 END DESC,
         round(coalesce(nearer, -1e6) * 1e9) DESC, layer, source, target, category
