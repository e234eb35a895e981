// title: Findings about regions
// group: regions
// question: In which regions are a category's documents significantly more, or less, often than the others'?
// param: study     study       study to read
// param: category  category?   findings about this category only
// param: layer     layer?      regions of this layer only
// param: limit     int = 50    most rows to return
// returns: region     region    id of the region
// returns: layer      layer     index of its layer
// returns: category   category  whose finding it is
// returns: finding    string    more or less than the others; of a further category, than those that were not named before it
// returns: documents  int       documents of the category that pass it
// of-tokens: tokens  int       tokens of the category that pass it
// returns: share      float     share of the category's documents that pass it
// returns: others_share  float  share of the documents of the others together that pass it: all other categories without those of named_before
// returns: named_before  list   of a further category, those named before it on the region: others_share, effect and interval are without them
// returns: effect     float?    log odds ratio of the category against the same others together
// returns: ci_low     float?    lower end of its confidence interval; null where it has none
// returns: ci_high    float?    upper end of it; null where it has none
// returns: q          float     q value of the region: p value adjusted for the number of tests
// of-tokens: within  float?    log odds ratio within types of tokens, always against all other categories: what exceeds the regions of its words
// of-tokens: within_q  float?  q value of it; null where it was not tested
// returns: keywords   list      words over-represented in its documents, most characteristic first
//
// Ordered by the end of the confidence interval nearer to 0: the largest certain difference comes first. A region that no
// document of a category passes is not listed for it. With two categories, what one passes more the other passes less:
// unless a category is given, such a pair is listed once, as more.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[e:ACTIVATED_BY]->(c:Category)
WHERE e.finding IS NOT NULL AND ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR c.name = $category)
WITH study, r, e, c, study.categories = 2 AND $category IS NULL AND e.finding = 'less' AS paired
OPTIONAL MATCH (r)-[twin:ACTIVATED_BY {finding: 'more'}]->() WHERE paired
WITH study, r, e, c, twin, CASE e.finding WHEN 'more' THEN e.ci_low ELSE -e.ci_high END AS nearer
WHERE twin IS NULL
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Category) WHERE b.name IN e.named_before
WITH study, r, e, c, nearer, coalesce(c.tokens, c.documents) AS own, coalesce(sum(coalesce(b.tokens, b.documents)), 0) AS before
OPTIONAL MATCH (r)-[o:ACTIVATED_BY]->(other:Category)
WHERE other.name <> c.name AND NOT other.name IN coalesce(e.named_before, [])
WITH study, r, e, c, nearer, own, before, coalesce(sum(coalesce(o.tokens, o.documents)), 0) AS others
RETURN r.id AS region, r.layer AS layer, c.name AS category, e.finding AS finding, e.documents AS documents,
       e.tokens AS tokens, e.share AS share,
       toFloat(others) / (coalesce(study.tokens, study.documents) - own - before) AS others_share,
       coalesce(e.named_before, []) AS named_before,
       e.effect AS effect, e.ci_low AS ci_low, e.ci_high AS ci_high, e.q AS q,
       e.within AS within, e.within_q AS within_q, r.keywords AS keywords
ORDER BY round(coalesce(nearer, -1e6) * 1e9) DESC, layer, region, category LIMIT $limit
