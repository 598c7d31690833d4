-- execute: cv_app
-- Take back an offer that nobody has accepted yet: whoever holds the ticket may. Its link is dead at once.
create or replace function app.withdraw_transfer(p_ticket uuid, p_link bytea default null) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  t public.ticket := app.held_ticket(p_ticket, p_link);
begin
  update public.ticket_transfer x set state = 'withdrawn' where x.ticket_id = t.id and x.state = 'offered';
  if not found then perform app.fail('NOT_OFFERED'); end if;
  perform app.log(b.stadium_id, 'ticket.offer_withdrawn', 'ticket', t.id::text,
                  p_kind => case when t.link_hash is not null then 'link' end)
    from public.booking b
   where b.id = t.booking_id;
end $$;
