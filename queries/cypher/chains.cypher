// title: One-to-one chains
// group: motifs
// question: Along which sequences of regions do all documents of one go on to the next, which receives no others?
// param: study     study        study to read
// param: category  category?    documents of this category only
// param: least     int = 2      fewest steps of a chain
// param: limit     int = 50     most chains to return
// returns: chain            region  id of the region in which the chain begins
// returns: steps            int     steps of the whole chain
// of-documents: documents        int     documents that go along it, the same in all its regions
// of-tokens: tokens        int     tokens that go along it, the same in all its regions
// returns: layer            layer   index of the layer that this step leaves
// returns: source           region  id of the region that this step leaves
// returns: target           region  id of the region that it reaches, one layer later
// returns: source_keywords  list    words of the region it leaves, most characteristic first
// returns: target_keywords  list    words of the region it reaches, most characteristic first
// view: graph
//
// One row for each step. Only whole chains are listed: no step could be added at either end. The longest chains come first,
// of equally long ones those with most documents. A region of few documents forms a chain easily.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE study.atlas <> 'components' AND ($category IS NULL OR e.category = $category)
WITH l, s, collect(DISTINCT t) AS targets, sum(e.weight) AS documents
WHERE size(targets) = 1
WITH l, s, targets[0] AS t, documents
MATCH (o:Region)-[e:FLOWS_TO]->(t)
WHERE $category IS NULL OR e.category = $category
WITH l, s, t, documents, count(DISTINCT o) AS sources
WHERE sources = 1
WITH l, collect({source: s.id, target: t.id, documents: documents}) AS steps
ORDER BY l.index
WITH collect(steps) AS hops
WITH reduce(done = [[]], hop IN hops | done + [[step IN hop | {source: step.source, target: step.target,
       documents: step.documents,
       chain: coalesce([e IN done[size(done) - 1] WHERE e.target = step.source | e.chain][0], step.source)}]]) AS done
UNWIND done AS hop
UNWIND hop AS step
WITH step.chain AS chain, count(step) AS steps, max(step.documents) AS documents, collect(step) AS parts
WHERE steps >= $least
WITH chain, steps, documents, parts
ORDER BY steps DESC, documents DESC, chain LIMIT $limit
UNWIND parts AS step
MATCH (s:Region {llm_mri: true, id: step.source})
MATCH (t:Region {llm_mri: true, id: step.target})
RETURN chain, steps, documents, documents AS tokens, s.layer AS layer, s.id AS source, t.id AS target, s.keywords AS source_keywords,
       t.keywords AS target_keywords
ORDER BY steps DESC, documents DESC, chain, layer
