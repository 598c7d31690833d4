-- execute: cv_rules
-- Whether an older issue of a right was the newest when a phone decided on it by itself, and counts still: it died
-- later, in an emergency's exchange of keys, so the holder is the same, and whoever is in stays in. A code that was
-- replaced, or a ticket that was passed on or given back, has another rightful holder, or none: its older issues count
-- for nothing, whatever a phone's clock says.
create or replace function app.was_newest_issue(p_right uuid, p_issue int, p_newest int, p_at timestamptz)
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(count(*) = p_newest - p_issue and min(q.revoked_at) > p_at
                  and bool_and(coalesce(q.revoked_at = k.revoked_at, false)), false)
    from public.qr_code q join public.signing_key k on k.id = q.key_id
   where (q.ticket_id = p_right or q.pass_id = p_right) and q.seq >= p_issue and q.seq < p_newest
$$;
