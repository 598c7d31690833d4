-- execute: cv_worker
-- The other person takes the ticket: its number of issue goes up, every code of it dies at once, and from here on only
-- the holder of the new link sees or handles it. The worker signs the new code in this same transaction. Both sides get
-- a mail.
create or replace function app.accept_transfer(p_token_hash bytea, p_name text, p_link_hash bytea)
returns table (booking_id bigint, ticket_id uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  x public.ticket_transfer;
  b public.booking;
  t public.ticket;
  e public.event;
  v_before text;
begin
  -- Always booking, then ticket, then offer.
  select k.* into b from public.booking k join public.ticket_transfer o on o.booking_id = k.id
   where o.token_hash = p_token_hash for update of k;
  if b.id is null then perform app.fail('UNKNOWN_OFFER', 404); end if;
  select k.* into t from public.ticket k join public.ticket_transfer o on o.ticket_id = k.id
   where o.token_hash = p_token_hash for update of k;
  select o.* into x from public.ticket_transfer o where o.token_hash = p_token_hash for update;
  select ev.* into e from public.event ev where ev.id = t.event_id;
  if x.state = 'accepted' then perform app.fail('OFFER_TAKEN'); end if;
  if x.state <> 'offered' or x.expires_at <= clock_timestamp() or e.ends_at <= clock_timestamp() then
    perform app.fail('OFFER_OVER');
  end if;
  if t.status <> 'valid' or b.state <> 'paid' or e.state = 'cancelled' then perform app.fail('OFFER_OVER'); end if;
  if t.seq >= 255 then perform app.fail('TOO_MANY_CODES', 429); end if;
  select coalesce((select y.to_email from public.ticket_transfer y
                    where y.ticket_id = t.id and y.state = 'accepted' order by y.id desc limit 1), b.contact_email)
    into v_before;
  update public.ticket_transfer o
     set state = 'accepted', accepted_at = clock_timestamp(),
         to_name = coalesce(app.kept_name(p_name), o.to_name)
   where o.id = x.id returning o.* into x;
  update public.qr_code q set revoked_at = now() where q.ticket_id = t.id and q.revoked_at is null;
  update public.ticket k set seq = k.seq + 1, link_hash = p_link_hash, holder_name = x.to_name where k.id = t.id;
  perform app.queue_mail('transferred_ticket', x.to_email, b.id, 'transferred_ticket:' || x.id,
                         jsonb_build_object('transfer', x.id));
  perform app.queue_mail('transfer_done', v_before, b.id, 'transfer_done:' || x.id,
                         jsonb_build_object('transfer', x.id));
  perform app.log(b.stadium_id, 'ticket.transferred', 'ticket', t.id::text,
                  jsonb_build_object('transfer', x.id, 'seq', t.seq + 1), 'link');
  return query select b.id, t.id;
end $$;
