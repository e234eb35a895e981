// title: Findings in matched regions
// group: across
// question: Two models read the same documents: which findings of one study hold in the matched regions of the other?
// only: documents compares studies of the same documents
// param: study     study        study to read: the first of `mri match STUDY OTHER`
// param: other     study        study that its regions were matched with
// param: category  category?    findings of this category only
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 1000   most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  category that is found to take it more or less than the others
// returns: finding          string    more or less
// returns: other_source     string    id of the matched region of the other study
// returns: other_target     string    id of the region matched with the target
// returns: other_finding    string?   what the other study finds of the category there; null if nothing
// returns: other_share      float?    share of the category's documents that take it there; null if none does
// returns: effect           float?    log odds ratio in the study
// returns: other_effect     float?    the same in the other study; null if the category never goes there
// returns: over_chance      float     the smaller of the two matches: 0 is chance, 1 as much as regions of their sizes can share
// returns: source_keywords  list      words of the region it leaves
// returns: target_keywords  list      words of the region it reaches
//
// Stored by `mri match STUDY OTHER`. A finding has a row where both of its regions are matched and their partners lie in
// neighbouring layers. It holds where other_finding equals finding.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.finding IS NOT NULL AND ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR e.category = $category)
MATCH (:Study {llm_mri: true, id: $other, status: 'ready'})
MATCH (s)-[a:MATCHES {other: $other}]->(u:Region)
MATCH (t)-[b:MATCHES {other: $other}]->(v:Region)
WHERE v.layer = u.layer + 1
OPTIONAL MATCH (u)-[f:FLOWS_TO|AVOIDS {category: e.category}]->(v)
RETURN s.id AS source, t.id AS target, l.index AS layer, e.category AS category, e.finding AS finding,
       u.id AS other_source, v.id AS other_target, f.finding AS other_finding, f.share AS other_share,
       e.effect AS effect, f.effect AS other_effect,
       CASE WHEN a.over_chance < b.over_chance THEN a.over_chance ELSE b.over_chance END AS over_chance,
       s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(over_chance * 1e9) DESC, layer, source, target, category LIMIT $limit
