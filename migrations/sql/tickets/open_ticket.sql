-- execute: cv_app, cv_worker
-- The one ticket that a passed-on link opens, with its code; nothing of the booking that it came from but who gave it.
create or replace function app.open_ticket(p_link_hash bytea)
returns table (ticket_id uuid, booking_id bigint, status text, seq smallint, hash bytea, seat_id int, event_id int,
               ticket_type text, holder_name text, from_name text, since timestamptz, void_at timestamptz,
               disputed boolean, key_id int, code text, offered_to text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select t.id, t.booking_id, t.status, t.seq, t.hash, t.seat_id, t.event_id, l.ticket_type, t.holder_name,
         coalesce(y.to_name, b.contact_name), x.accepted_at, t.void_at, t.status = 'disputed', q.key_id::int, q.code,
         o.to_name
    from public.ticket t join public.booking b on b.id = t.booking_id join public.booking_line l on l.id = t.line_id
    left join public.qr_code q on q.ticket_id = t.id and q.seq = t.seq and q.revoked_at is null
    left join lateral (select z.* from public.ticket_transfer z
                        where z.ticket_id = t.id and z.state = 'accepted' order by z.id desc limit 1) x on true
    left join lateral (select z.* from public.ticket_transfer z
                        where z.ticket_id = t.id and z.state = 'accepted' and z.id < x.id
                        order by z.id desc limit 1) y on true
    left join public.ticket_transfer o on o.ticket_id = t.id and o.state = 'offered'
       and o.expires_at > clock_timestamp()
   where t.link_hash = p_link_hash;
end $$;
