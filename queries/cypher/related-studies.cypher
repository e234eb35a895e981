// title: Related studies
// group: study
// question: Which other studies read the same corpus, or scanned the same model?
// param: study  study     study to compare with
// param: limit  int = 50  most rows to return
// returns: name         string   name of the other study
// returns: other        study    id of the other study
// returns: same_corpus  bool     whether it read exactly the same documents
// returns: same_model   bool     whether it scanned the same model in the same revision
// returns: same_atlas   bool     whether it has regions of the same kind
// returns: model        string   model that it scanned
// returns: corpus       string   corpus that it read
// returns: atlas        string   kind of its regions
// returns: documents    int      its documents
// of-tokens: tokens    int?     its tokens; null of a scan of documents
// returns: created_at   string   when the study was made (UTC)
//
// Those that share both come first, then those of the same corpus. A corpus is the same if the hash of its content is the
// same, whatever its file is called; the same kind of atlas alone does not make studies related, since the regions may
// differ.
// Only studies that are ready are read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (other:Study {llm_mri: true, status: 'ready'})
WHERE other.id <> study.id
WITH other, coalesce(other.documents_hash, other.corpus_hash) = coalesce(study.documents_hash, study.corpus_hash) AS same_corpus,
     other.model = study.model AND other.model_revision = study.model_revision AS same_model,
     other.atlas = study.atlas AS same_atlas
WHERE same_corpus OR same_model
RETURN other.name AS name, other.id AS other, same_corpus, same_model, same_atlas, other.model AS model,
       other.corpus AS corpus, other.atlas AS atlas, other.documents AS documents, other.tokens AS tokens, other.created_at AS created_at
ORDER BY CASE WHEN same_corpus AND same_model THEN 0 WHEN same_corpus THEN 1 ELSE 2 END, name, other LIMIT $limit
