-- Where spans with a wrong parent most likely belong (lib/diagnosis/finding, ProposedParent); null where a finding proposes nothing.
alter table finding add column proposed_parents jsonb;
