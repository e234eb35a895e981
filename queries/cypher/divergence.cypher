// title: Divergence of the categories, layer by layer
// group: study
// question: In which layers are the categories in different regions?
// param: study     study        study to read
// returns: layer       layer    index, 0 is the embedding
// returns: name        string   name of the layer
// returns: divergence  float    bits, generalised Jensen–Shannon divergence of the categories' distributions over the regions
// returns: greatest    float    bits, the maximum: log2 of the number of categories
//
// H(mean of the shares) − mean of H(shares), every category weighing the same (Lin 1991). It is descriptive and not
// corrected: few documents over many regions raise it, so compare layers with one another before reading it as an effect
// size.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->()
WITH l, r, toFloat(study.categories) AS n, sum(a.share) AS total, sum(a.share * log(a.share)) AS inside
WITH l, n, sum(inside) / n AS within, sum(total / n * log(total / n)) AS between
RETURN l.index AS layer, l.name AS name,
       CASE WHEN within > between THEN (within - between) / log(2) ELSE 0.0 END AS divergence,
       log(n) / log(2) AS greatest
ORDER BY layer
