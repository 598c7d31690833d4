-- execute: cv_app
-- Offer a ticket to another person, who gets a mail with a link to accept it by. The token of that link is an HMAC of
-- p_nonce under the web's secret: the row of the mail, which staff may read, names the nonce, and never the token. Good
-- for a week, or until the match is over.
create or replace function app.offer_transfer(p_ticket uuid, p_name text, p_email text, p_nonce text,
                                              p_token_hash bytea, p_link bytea default null)
returns table (transfer_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  t public.ticket := app.held_ticket(p_ticket, p_link);
  v_id bigint;
  v_name text := app.kept_name(p_name);
begin
  if v_name is null or position('@' in p_email) < 2 or length(p_email) > 254 then
    perform app.fail('BAD_RECIPIENT', 422);
  end if;
  -- What ran out makes room for a new offer.
  update public.ticket_transfer x set state = 'withdrawn'
   where x.ticket_id = t.id and x.state = 'offered' and x.expires_at <= clock_timestamp();
  if exists (select from public.ticket_transfer x where x.ticket_id = t.id and x.state = 'offered') then
    perform app.fail('ALREADY_OFFERED');
  end if;
  if (select count(*) from public.ticket_transfer x
       where x.booking_id = t.booking_id and x.offered_at > clock_timestamp() - interval '1 day') >= 30 then
    perform app.fail('TOO_MANY_OFFERS', 429);
  end if;
  insert into public.ticket_transfer as x (ticket_id, booking_id, token_hash, to_name, to_email, offered_by, expires_at)
  select t.id, t.booking_id, p_token_hash, v_name, p_email, app.uid(),
         least(clock_timestamp() + interval '7 days', e.ends_at)
    from public.event e where e.id = t.event_id returning x.id into v_id;
  perform app.ask_mail('transfer_offer', p_email, t.booking_id, 'transfer_offer:' || v_id,
                       jsonb_build_object('transfer', v_id, 'nonce', p_nonce));
  perform app.log(b.stadium_id, 'ticket.offered', 'ticket', t.id::text, jsonb_build_object('transfer', v_id),
                  case when t.link_hash is not null then 'link' end)
    from public.booking b where b.id = t.booking_id;
  return query select v_id;
end $$;
