-- execute: cv_app
-- "Find my tickets": a mail with the links of every paid booking of this address and of every ticket passed on to it,
-- or nothing; the page says the same either way. It goes to the addresses that the bookings were made with or the
-- tickets sent to, never to the one just typed, which may only be like them.
-- p_email_key is what the version before sends; app.mailbox() says it now.
create or replace function app.find_tickets(p_email text, p_email_key text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform app.queue_mail('find_tickets', x.address, null,
                         'find:' || encode(sha256(convert_to(x.address, 'UTF8')), 'hex')
                         || to_char(clock_timestamp(), 'YYYYMMDDHH24MI'),
                         jsonb_build_object(
                           'bookings', coalesce(jsonb_agg(x.booking order by x.booking desc)
                                                  filter (where x.booking is not null), '[]'),
                           'transfers', coalesce(jsonb_agg(x.transfer order by x.transfer desc)
                                                   filter (where x.transfer is not null), '[]')), true)
    from (select lower(b.contact_email) as address, b.id as booking, null::bigint as transfer from public.booking b
           where b.email_key = app.mailbox(p_email) and b.state in ('paid', 'refunded') and b.contact_email is not null
             and app.may_mail(b.id, b.customer_id, b.contact_email)
          union all
          select lower(r.to_email), null, r.id from public.ticket_transfer r join public.ticket t on t.id = r.ticket_id
           where lower(r.to_email) in (lower(p_email), app.mailbox(p_email)) and r.state = 'accepted'
             and t.status <> 'void' and t.link_hash is not null
             and not exists (select from public.ticket_transfer n
                              where n.ticket_id = r.ticket_id and n.state = 'accepted' and n.id > r.id)) x
   group by x.address order by x.address;
end $$;
