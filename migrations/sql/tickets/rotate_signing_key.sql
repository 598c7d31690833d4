-- execute: cv_worker
-- A new key pair for an event, or a stadium's parking without one. Planned: the old key signs no more, and its codes
-- stay good. Emergency, when a key may be known to others: every key so far is refused, and every live ticket and pass
-- gets a new number, whose code the caller signs; the buyers are mailed. Answers with the bookings whose codes are to
-- be signed.
create or replace function app.rotate_signing_key(p_stadium int, p_event int, p_public bytea, p_wrapped bytea,
                                                  p_emergency boolean) returns table (booking_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_key int;
begin
  update public.signing_key k
     set retired_at = case when p_emergency then k.retired_at else now() end,
         revoked_at = case when p_emergency then now() end
   where k.stadium_id = p_stadium and k.event_id is not distinct from p_event and k.revoked_at is null
     and (p_emergency or k.retired_at is null);
  insert into public.signing_key (stadium_id, event_id, public_key, private_key_wrapped)
  values (p_stadium, p_event, p_public, p_wrapped) returning id into v_key;
  perform app.log(p_stadium, case when p_emergency then 'key.replaced' else 'key.rotated' end, 'signing_key',
                  v_key::text, jsonb_build_object('event', p_event));
  if not p_emergency then return; end if;
  -- Locked in the order of their numbers, as scans and refunds do.
  perform from public.ticket t join public.booking b on b.id = t.booking_id
    where b.stadium_id = p_stadium and b.event_id is not distinct from p_event and t.status <> 'void'
   order by t.id for update of t;
  update public.ticket t set seq = t.seq + 1 from public.booking b
   where b.id = t.booking_id and b.stadium_id = p_stadium and b.event_id is not distinct from p_event
     and t.status <> 'void';
  update public.parking_pass p set seq = p.seq + 1 from public.booking b
   where b.id = p.booking_id and b.stadium_id = p_stadium and b.event_id is not distinct from p_event
     and p.status <> 'void';
  update public.qr_code q set revoked_at = now() from public.signing_key k
   where k.id = q.key_id and k.stadium_id = p_stadium and k.event_id is not distinct from p_event and k.id <> v_key
     and q.revoked_at is null;
  return query
  with due as (select b.id, b.contact_email from public.booking b
                where b.stadium_id = p_stadium and b.event_id is not distinct from p_event and b.state = 'paid'
                order by b.id),
       told as (select app.queue_mail('tickets', d.contact_email, d.id, 'key:' || v_key || ':' || d.id, '{}') from due d
                 where d.contact_email is not null)
  select d.id from due d, lateral (select count(*) from told) t order by d.id;
end $$;
