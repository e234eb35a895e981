// title: Findings and controls
// group: study
// question: How many findings has each family of tests, and how many arise with shuffled labels, in a model that has learnt nothing, or from the atlas itself?
// param: study  study  study to read
// param: limit  int = 10  most rows to return
// returns: family          string  connections, regions, routing, parting, or a factor of crossed labels
// returns: findings        int     findings at a false discovery rate of 5 %
// returns: tests           int     number of tests
// returns: in_sample       int?    findings among the sample of documents that the atlas was fitted to, which refits and controls read; null where these are all
// returns: more            int?    categories named in them that take or pass it more than the others; parting names none
// returns: less            int?    categories named in them that take or pass it less, or never
// returns: shuffled        float?  findings under shuffled labels, mean
// returns: random_blocks   float?  findings in the same model with re-initialised blocks, mean over several such models
// returns: random_blocks_low  float?  the smallest of them
// returns: random_blocks_high  float?  the largest of them
// returns: routing_floor   float?  findings between the layers' atlases and their own refits, mean over the refits
//
// Shuffled labels and random blocks are stored by `mri ingest … --controls`, the routing floor by --refits. Findings are
// evidence as far as their number exceeds that of the controls; where an atlas was fitted to a sample, theirs is compared
// with `in_sample`. Older studies have one model with re-initialised blocks,
// and no smallest and largest value. A connection or region counts as one finding and may name several categories.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure {kind: 'findings'})
OPTIONAL MATCH (study)<-[:PART_OF]-(s:Measure {kind: 'control', other: 'shuffled ' + m.other})
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Measure {kind: 'control', other: 'random_blocks ' + m.other})
OPTIONAL MATCH (study)<-[:PART_OF]-(f:Measure {kind: 'routing_floor'}) WHERE m.other = 'routing'
WITH m, s, b, count(f) AS steps, sum(f.value) AS floor, replace(m.details, '}', ',') AS details
RETURN m.other AS family, toInteger(m.value) AS findings,
       toInteger(split(split(details, '"tests": ')[1], ',')[0]) AS tests,
       toInteger(split(split(details, '"in_sample": ')[1], ',')[0]) AS in_sample,
       toInteger(split(split(details, '"more": ')[1], ',')[0]) AS more,
       toInteger(split(split(details, '"less": ')[1], ',')[0]) AS less, s.value AS shuffled,
       toFloat(b.value) AS random_blocks, b.ci_low AS random_blocks_low, b.ci_high AS random_blocks_high,
       CASE WHEN steps > 0 THEN toFloat(floor) END AS routing_floor
ORDER BY family LIMIT $limit
