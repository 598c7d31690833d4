-- execute: cv_rules
-- A right gets its next issue: what the gate knew it by is gone at once, whoever made the issue. Until the new code is
-- signed (app.keep_issue) the hash is made by chance, so that nobody can type it. Trigger of ticket and parking_pass.
create or replace function app.new_issue() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.salt := uuid_send(gen_random_uuid());
  return new;
end $$;
