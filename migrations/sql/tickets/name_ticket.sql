-- execute: cv_app
-- Put a name on a ticket, or take it off with an empty one.
create or replace function app.name_ticket(p_ticket uuid, p_name text, p_link bytea default null) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  t public.ticket := app.held_ticket(p_ticket, p_link);
begin
  update public.ticket x set holder_name = app.kept_name(p_name) where x.id = t.id;
  perform app.log(b.stadium_id, 'ticket.named', 'ticket', t.id::text,
                  p_kind => case when t.link_hash is not null then 'link' end)
    from public.booking b where b.id = t.booking_id;
end $$;
