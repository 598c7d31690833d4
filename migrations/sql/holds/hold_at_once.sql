-- execute: cv_app
-- A hold in one statement, for a browser that asks for nothing else: who acts (begin.sql), a visitor with the session
-- p_new where nobody does (start_visitor.sql), and the hold (hold_seats.sql, whose refusals these are). `visitor`: the
-- new one, or null.
create or replace function app.hold_at_once(p_session bytea, p_new bytea, p_ip text, p_user_agent text, p_event int,
                                            p_seats int[], p_types text[], p_address bytea)
returns table (visitor bigint, booking_id bigint, reference text, held_at timestamptz, expires_at timestamptz,
               currency text, face bigint, fee bigint, tax bigint, total bigint, version bigint,
               server_time timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_visitor bigint;
begin
  if (select b.id from app.begin(p_session) b) is null then
    v_visitor := app.start_visitor(p_new, p_ip, p_user_agent);
  end if;
  return query select v_visitor, h.* from app.hold_seats(p_event, p_seats, p_types, p_address) h;
end $$;
