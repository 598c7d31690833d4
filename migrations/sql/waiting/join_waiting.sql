-- execute: cv_app
-- Somebody waits for an event: p_kind opening (told once, when its sale opens) or seats (in line for those that come
-- back). A fan waits with the address of the account, everybody else with p_email; a mailbox has one place. The id and
-- the hash of its link are the caller's. Returns the entry of a fan who joined or was there already; for others null,
-- whether the address is new or not: its link goes there by mail.
-- Refuses with: UNKNOWN_EVENT, SALE_OPEN, the codes of check_on_sale, MALFORMED, TOO_MANY_SEATS, NOTHING_FITS,
-- SEATS_LEFT, CONTACT_NEEDED, WAITING_SHARE, TOO_MANY_MAILS. p_address: extensions.client_key().
create or replace function app.join_waiting(p_event int, p_kind text, p_id uuid, p_link_hash bytea, p_email text,
                                            p_seats int, p_together boolean, p_band text, p_most bigint,
                                            p_address bytea)
returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.event;
  c public.customer;
  w public.waiting_entry;  -- what is asked for
  o public.waiting_entry;  -- the place that the mailbox has already
  v_have int := 0;
begin
  select * into e from public.event ev where ev.id = p_event for no key update;
  select * into c from public.customer cu where cu.id = app.uid() and cu.kind = 'fan';
  w.id := p_id;
  w.email := coalesce(c.email, p_email);
  w.mailbox := app.mailbox(w.email);

  if p_kind = 'opening' then
    if app.sale_state(e.state, e.starts_at, e.sale_starts_at, e.sale_ends_at, clock_timestamp()) <> 'not_yet' then
      perform app.check_on_sale(e), app.fail('SALE_OPEN');
    end if;
  else
    perform app.check_on_sale(e);
    if coalesce(p_seats, 0) < 1 or p_together is null or p_most < 0 then perform app.fail('MALFORMED', 422); end if;
    w.seats := p_seats; w.together := p_together; w.band := p_band; w.most := p_most;
    if c.id is not null then v_have := app.seats_of(e.id, c.id); end if;
    if v_have + p_seats > e.buyer_limit then
      perform app.fail('TOO_MANY_SEATS', 409,
                       jsonb_build_object('limit', e.buyer_limit, 'have', v_have, 'asked', p_seats));
    end if;
    if not exists (select from public.event_price p join public.stadium g on g.id = e.stadium_id
                    cross join lateral app.line_amounts(p.face, g.fee_bp, g.fee_each, g.tax_bp, g.tax_inside) a
                    where p.event_id = e.id and p.ticket_type = 'adult' and (p_band is null or p.band = p_band)
                      and (p_most is null or a.total <= p_most)) then
      perform app.fail('NOTHING_FITS', 422);
    end if;
  end if;
  if w.email is null then perform app.fail('CONTACT_NEEDED', 422); end if;

  select * into o from public.waiting_entry x
   where x.event_id = e.id and x.kind = p_kind and x.state in ('waiting', 'offered')
     and (x.customer_id = c.id or x.mailbox = w.mailbox)
   order by x.customer_id = c.id desc nulls last limit 1;
  if o.customer_id = c.id then return o.id; end if;
  if o.id is not null then
    if p_kind = 'seats' then
      perform app.ask_mail('waiting_joined', o.email, null,
                           'waiting_joined:' || o.id || to_char(clock_timestamp(), 'YYYYMMDDHH24MI'),
                           jsonb_build_object('entry', o.id));
    end if;
    return null;
  end if;

  if p_kind = 'seats'
     and app.fitting_seats(e, w, array(select s.id from public.seat s
                                        where s.layout_id = e.layout_id
                                          and not exists (select from public.seat_claim k
                                                           where k.event_id = e.id and k.seat_id = s.id
                                                             and not (app.has_lapsed(k.state, k.expires_at)
                                                                      and e.listed_at is null)))) is not null then
    perform app.fail('SEATS_LEFT');
  end if;
  if c.id is null and p_address is not null then
    perform pg_advisory_xact_lock(hashtextextended(encode(p_address, 'hex'), e.id));
    if (select count(*) from public.waiting_entry x
         where x.address_key = p_address and x.event_id = e.id and x.state in ('waiting', 'offered'))
       >= app.unpaid_share('waiting_address', 0) then
      perform app.fail('WAITING_SHARE', 429);
    end if;
  end if;
  insert into public.waiting_entry (id, event_id, kind, customer_id, email, mailbox, link_hash, address_key, seats,
                                    together, band, most, created_at)
  values (w.id, e.id, p_kind, c.id, w.email, w.mailbox, p_link_hash, case when c.id is null then p_address end,
          w.seats, w.together, w.band, w.most, clock_timestamp());
  if p_kind = 'seats' then
    update public.event set listed_at = clock_timestamp() where id = e.id and listed_at is null;
    perform app.ask_mail('waiting_joined', w.email, null, 'waiting_joined:' || w.id,
                         jsonb_build_object('entry', w.id));
  end if;
  return case when c.id is not null then w.id end;
end $$;
