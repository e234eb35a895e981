// title: Studies
// group: study
// question: Which studies are in the store?
// returns: name        string   name of the study
// returns: study       study    id of the study
// returns: model       string   model that was scanned
// returns: corpus      string   corpus that it read
// returns: atlas       string   kind of regions
// returns: documents   int      documents scanned
// of-tokens: tokens   int?     tokens of these documents, which are counted; null of a scan of documents
// returns: categories  int      categories of documents
// returns: layers      int      layers, the embedding included
// returns: regions     int      regions with a document in them, or components, all layers together
// returns: connections int      connections, a pair of regions once for each category that takes it
// returns: created_at  string   when the study was made (UTC)
//
// A study that is still loading is not listed: status: 'ready' selects the others.

MATCH (study:Study {llm_mri: true, status: 'ready'})
RETURN study.name AS name, study.id AS study, study.model AS model, study.corpus AS corpus, study.atlas AS atlas,
       study.documents AS documents, study.tokens AS tokens, study.categories AS categories, study.layers AS layers,
       study.regions AS regions, study.connections AS connections, study.created_at AS created_at
ORDER BY name, study
