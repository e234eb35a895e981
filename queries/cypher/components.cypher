// title: Correlated components
// group: connections
// question: Which components of neighbouring layers correlate, in which category, and with which sign?
// param: study      study        study to read, of an atlas of components
// param: category   category?    connections of this category only
// param: layer      layer?       connections that leave this layer only
// param: region     region?      connections that leave or reach this component only
// param: least_rho  float = 0.0  smallest |rho|
// param: limit      int = 100    most rows to return
// returns: source          region    id of the component it leaves
// returns: target          region    id of the component it reaches, one layer later
// returns: layer           layer     index of the layer it leaves
// returns: category        category  category over whose documents the two were compared
// returns: rho             float     Spearman's rho; negative where one falls as the other rises
// returns: documents       int       documents of the category
// of-tokens: tokens        int       tokens of the category
// returns: source_keywords list      words of the documents that score highest on the first, most characteristic first
// returns: target_keywords list      words of the documents that score highest on the second
// view: graph
//
// The largest |rho| come first; values within 1e-9 count as equal. Only correlations with |rho| above the study's threshold
// are stored: one that is not listed may have any value below it. The sign depends on the sign of the components, each of
// which is oriented so that the document score of greatest magnitude is positive. Rho is descriptive, not a test: by
// chance |rho| is above 1.96 / √(documents − 1) in one of twenty pairs, and between two layers there are
// components × components pairs for each category. Other studies have no rows.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE study.atlas = 'components' AND ($layer IS NULL OR l.index = $layer)
  AND ($category IS NULL OR e.category = $category) AND ($region IS NULL OR s.id = $region OR t.id = $region)
  AND abs(e.weight) >= $least_rho - 1e-9
WITH study, s, t, e
ORDER BY round(abs(e.weight) * 1e9) DESC, s.layer, s.id, t.id, e.category LIMIT $limit
MATCH (study)<-[:PART_OF]-(c:Category {name: e.category})
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, e.weight AS rho,
       c.documents AS documents, c.tokens AS tokens, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(abs(rho) * 1e9) DESC, layer, source, target, category
