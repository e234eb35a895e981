// title: Reciprocal specialisation
// group: motifs
// question: Where do two categories cross over between two regions of a layer and two of the next?
// param: study             study         study to read
// param: category          category      category to look at
// param: versus            category      category to compare it with
// param: layer             layer?        connections that leave this layer only
// param: least_difference  float = 0.05  smallest difference of shares of each of the four connections
// param: limit             int = 50      most rows to return
// returns: layer            layer   index of the layer that the connections leave
// returns: first_source     region  id of one region that they leave
// returns: second_source    region  id of the other one
// returns: first_target     region  id of the region that the category prefers from the first source
// returns: second_target    region  id of the region that it prefers from the second source
// returns: score            float   the smallest of the four differences in absolute value
// returns: straight_first   float   first source → first target: share of the category − share of the other, above 0
// returns: straight_second  float   second source → second target: the same, above 0
// returns: crossed_first    float   first source → second target: the same, below 0
// returns: crossed_second   float   second source → first target: the same, below 0
//
// A share is of the category's own documents. The largest scores come first; values within 1e-9 count as equal. Of the two
// ways to write the same crossing, the one whose first source has the smaller id is listed. A category can take at most
// 1 / least_difference connections of a layer so much more, so a very small value makes the answer long. It is
// descriptive, not a test.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
CALL (s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE e.category IN [$category, $versus]
  WITH t, sum(CASE WHEN e.category = $category THEN e.share ELSE -e.share END) AS difference
  WHERE round(difference * 1e9) <> 0 AND round(abs(difference) * 1e9) >= round($least_difference * 1e9)
  RETURN t, difference
}
WITH l.index AS layer, collect({s: s.id, t: t.id, d: difference}) AS edges
WITH layer, [e IN edges WHERE e.d > 0] AS straight, [e IN edges WHERE e.d < 0] AS crossed
UNWIND straight AS a
UNWIND [e IN crossed WHERE e.s = a.s] AS c
UNWIND [e IN straight WHERE e.t = c.t AND a.s < e.s] AS b
UNWIND [e IN crossed WHERE e.s = b.s AND e.t = a.t] AS d
WITH layer, a, b, c, d, [a.d, b.d, -c.d, -d.d] AS sizes
WITH layer, a, b, c, d, reduce(least = sizes[0], size IN sizes | CASE WHEN size < least THEN size ELSE least END) AS score
RETURN layer, a.s AS first_source, b.s AS second_source, a.t AS first_target, b.t AS second_target, score,
       a.d AS straight_first, b.d AS straight_second, c.d AS crossed_first, d.d AS crossed_second
ORDER BY round(score * 1e9) DESC, layer, first_source, second_source, first_target, second_target LIMIT $limit
