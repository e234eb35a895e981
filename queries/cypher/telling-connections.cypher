// title: Connections in which categories differ most
// group: connections
// question: In which connections do the categories differ most?
// param: study        study        study to read
// param: category     category?    order by how far this category is from the mean of the others
// param: first_layer  layer?       connections that leave this layer or a later one
// param: last_layer   layer?       connections that reach this layer or an earlier one
// param: region       region?      connections that leave or reach this region only
// param: diagonal     bool = true  include connections between regions of the same name (documents that stay)
// param: order        string(shares|stability|interval) = "shares"  order by the difference of the shares, or as in findings
// param: found        bool = false  only those with a finding, of this category where one is asked for
// param: most_q       float?       only those with a q value of at most this
// param: least_stability  float?   only those whose most stable finding is found again in at least this share of refits
// param: limit        int = 150    most rows to return
// returns: source          region    id of the region it leaves
// returns: target          region    id of the region it reaches, one layer later
// returns: layer           layer     index of the layer it leaves
// of-documents: documents       int       documents of all categories that take it
// of-tokens: tokens       int       tokens of all categories that take it
// returns: spread          float     largest − smallest share of a category, from 0 to 1
// returns: most            category  category with the largest share
// returns: most_share      float     share of that category's documents that take it
// returns: least           category  category with the smallest share
// returns: least_share     float     share of that category's documents that take it
// returns: difference      float?    share of the given category − mean of the other categories' shares
// returns: q               float?    q value of the connection: p value adjusted for the number of tests
// returns: stability       float?    share of bootstrap refits of the atlas in which its most stable finding is found again
// returns: nearer          float?    end of the largest finding's confidence interval that is nearer to 0
// returns: found           list      its findings of all categories, in words
// returns: named           category?  category of the most reliable finding: highest stability, then the interval's end farthest from 0
// returns: way             string?   more or less: the direction of that finding
// returns: source_keywords list      words of the region it leaves, most characteristic first
// returns: target_keywords list      words of the region it reaches, most characteristic first
// view: graph
//
// A category that does not take a connection has a share of 0. The spread is descriptive, not a test; findings are listed
// next to it, where the study was tested. If a category is given, stability, nearer, named and way are those of its own
// finding. Connections without a finding come last, by their q, then by their shares. Values within 1e-9 count as equal in
// the order.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).
// The statement orders rows by one list next to one map, which the embedded engine compares three times as fast as rows of
// many columns.

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WHERE study.atlas <> 'components'
WITH study, c.name AS category ORDER BY category
WITH study, collect(category) AS categories
MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE ($first_layer IS NULL OR l.index >= $first_layer) AND ($last_layer IS NULL OR l.index < $last_layer)
CALL (s) {
  MATCH (s)-[e:FLOWS_TO|AVOIDS]->(t:Region)
  WHERE ($region IS NULL OR s.id = $region OR t.id = $region) AND ($diagonal OR s.name <> t.name)
  WITH t, e, CASE WHEN $category IS NULL OR e.category = $category THEN e.finding END AS finding
  RETURN t, collect(e) AS taken, sum(e.weight) AS documents, max(e.share) AS most_share,
         min(e.share) AS smallest, sum(e.share) AS total,
         sum(CASE WHEN e.category = $category THEN e.share ELSE 0.0 END) AS asked,
         min(e.q) AS q, count(finding) AS findings, max(CASE WHEN finding IS NOT NULL THEN e.stability END) AS stability,
         max(CASE finding WHEN 'more' THEN e.ci_low WHEN 'less' THEN -e.ci_high END) AS nearer
}
WITH categories, s, t, taken, documents, most_share, q, findings, stability, nearer,
     CASE WHEN size(taken) < size(categories) THEN 0.0 ELSE smallest END AS least_share,
     CASE WHEN $category IS NOT NULL THEN asked - (total - asked) / (size(categories) - 1) END AS difference
WHERE (NOT $found OR findings > 0) AND ($most_q IS NULL OR q <= $most_q)
  AND ($least_stability IS NULL OR stability >= $least_stability)
WITH categories, {source: s, target: t, taken: taken, documents: documents, most_share: most_share,
                  least_share: least_share, difference: difference, q: q, stability: stability, nearer: nearer} AS row,
     [CASE $order WHEN 'stability' THEN -round(coalesce(stability, -1.0) * 1e9) ELSE 0.0 END,
      CASE $order WHEN 'shares' THEN 0.0 ELSE -round(coalesce(nearer, -1e6) * 1e9) END,
      CASE $order WHEN 'shares' THEN 0.0 ELSE round(coalesce(q, 2.0) * 1e12) END,
      -round(abs(coalesce(difference, most_share - least_share)) * 1e9), s.layer, s.id, t.id] AS place
WITH categories, row, place ORDER BY place LIMIT $limit
WITH row, place, [category IN categories | {name: category, e: [e IN row.taken WHERE e.category = category][0]}] AS each
WITH row, place, [c IN each | {name: c.name, share: coalesce(c.e.share, 0.0), finding: c.e.finding}] AS shares,
     [c IN each WHERE c.e.finding IS NOT NULL AND ($category IS NULL OR c.name = $category) |
      {name: c.name, way: c.e.finding, stability: coalesce(c.e.stability, -1.0),
       nearer: coalesce(CASE c.e.finding WHEN 'more' THEN c.e.ci_low ELSE -c.e.ci_high END, -1e6)}] AS own
WITH row, place, shares, reduce(surest = own[0], c IN own | CASE
       WHEN c.stability > surest.stability OR (c.stability = surest.stability AND c.nearer > surest.nearer) THEN c
       ELSE surest END) AS surest
RETURN row.source.id AS source, row.target.id AS target, row.source.layer AS layer, row.documents AS documents,
       row.documents AS tokens,
       row.most_share - row.least_share AS spread,
       [c IN shares WHERE c.share = row.most_share | c.name][0] AS most, row.most_share AS most_share,
       [c IN shares WHERE c.share = row.least_share | c.name][0] AS least, row.least_share AS least_share,
       row.difference AS difference, row.q AS q, row.stability AS stability, row.nearer AS nearer,
       [c IN shares WHERE c.finding IS NOT NULL | c.name + ' ' + c.finding] AS found,
       surest.name AS named, surest.way AS way,
       row.source.keywords AS source_keywords, row.target.keywords AS target_keywords
ORDER BY place
