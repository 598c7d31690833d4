-- execute: cv_worker
-- A cardholder disputes a payment: its tickets and passes are marked (the gate asks the supervisor), and staff are
-- told. A won dispute lifts the mark.
create or replace function app.mark_dispute(p_intent text, p_open boolean, p_dispute text)
returns table (booking_id bigint, stadium_id int)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
begin
  select bk.* into b from public.booking bk join public.payment_transaction p on p.booking_id = bk.id
   where p.intent_id = p_intent for update of bk;
  if b.id is null then return; end if;
  if p_open and b.disputed_at is null then
    update public.booking bk set disputed_at = now() where bk.id = b.id;
    update public.ticket t set status = 'disputed' where t.booking_id = b.id and t.status = 'valid';
    update public.parking_pass p set status = 'disputed' where p.booking_id = b.id and p.status = 'valid';
    perform app.log(b.stadium_id, 'dispute.opened', 'booking', b.id::text, jsonb_build_object('dispute', p_dispute));
    insert into public.notification (template, recipient, booking_id, stadium_id, dedupe_key, payload)
    select 'dispute', s.contact_email, b.id, s.id, 'dispute:' || p_dispute, jsonb_build_object('reference', b.reference)
      from public.stadium s where s.id = b.stadium_id and s.contact_email is not null
    on conflict (dedupe_key) do nothing;
  elsif not p_open and b.disputed_at is not null then
    update public.booking bk set disputed_at = null where bk.id = b.id;
    update public.ticket t set status = 'valid' where t.booking_id = b.id and t.status = 'disputed';
    update public.parking_pass p set status = 'valid' where p.booking_id = b.id and p.status = 'disputed';
    perform app.log(b.stadium_id, 'dispute.won', 'booking', b.id::text, jsonb_build_object('dispute', p_dispute));
  end if;
  return query select b.id, b.stadium_id;
end $$;
