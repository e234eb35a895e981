// title: Driving tokens
// group: regions
// question: Which tokens put documents in a region, and are they the words that are over-represented there?
// only: documents is about tokens of documents that are placed whole
// instead: tokens-of-region
// param: study   study        study to read
// param: region  region?      this region only
// param: layer   layer?       regions of this layer only
// param: limit   int = 1000   most rows to return
// returns: region            region  id of the region
// returns: layer             layer   index of its layer
// returns: token             string  a word in lower case, or characters that are none
// returns: part              float   mean part in the margin of the region's documents over the next nearest region
// returns: ci_low            float   lower end of its confidence interval
// returns: ci_high           float   upper end of it
// returns: over_represented  bool    it is one of the region's words
// returns: details           object  documents with it, documents of the region in the sample, whether it leads
// returns: keywords          list    words of the region, most characteristic first
//
// Stored by `mri explain STUDY --regions`, for clusters. The ten tokens with the largest part of each region (they lead), and
// the region's words whatever their part: an over-represented word whose interval lies below 0 is frequent there and does not
// put documents there (one that holds 0 is not shown to differ from it), a token that leads without being over-represented puts them there and is as frequent elsewhere. A part is
// what the state at a token's position adds, and that state holds the context.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure {kind: 'driving_tokens'})
WHERE $layer IS NULL OR m.layer = $layer
WITH m, split(m.other, ' ')[0] AS local
MATCH (r:Region {llm_mri: true, id: $study + '/' + local})
WHERE $region IS NULL OR r.id = $region
WITH m, r, substring(m.other, size(local) + 1) AS token
RETURN r.id AS region, m.layer AS layer, token, m.value AS part, m.ci_low AS ci_low, m.ci_high AS ci_high,
       token IN r.keywords AS over_represented, m.details AS details, r.keywords AS keywords
ORDER BY layer, region, part DESC, token LIMIT $limit
