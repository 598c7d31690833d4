-- execute: cv_rules
-- A later issue was signed: from now on the gate knows the right by its code. Nobody can work that out from an older
-- code, as they could from the ticket's number and the count of its issues. Trigger of qr_code.
create or replace function app.keep_issue() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update public.ticket t set salt = decode(new.code, 'escape') where t.id = new.ticket_id and t.seq = new.seq;
  update public.parking_pass p set salt = decode(new.code, 'escape') where p.id = new.pass_id and p.seq = new.seq;
  return null;
end $$;
