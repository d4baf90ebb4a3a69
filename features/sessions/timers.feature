Feature: Sessions whose ends have fallen silent do not stand for ever

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-07.nobody-refreshes @SHALL @participating-function @slow @virtual_time @session_timer=true @max_sessions=at_least_2
  Scenario: A session that nobody refreshes ends by its time, and one that is refreshed stays
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Alice begins sessions that have to be refreshed
    And Carol begins sessions that have to be refreshed
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Carol refreshes "Dinner" until its time would have passed
    And Carol says "I am still here" in "Dinner"
    Then "Lunch" of Bob ends when its time has passed, and no earlier
    And "Dinner" of Bob stands because it was refreshed
    And "I am still here" arrives unchanged in "Dinner" of Bob

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-07.too-small @SHALL @participating-function @slow @session_timer=true @max_sessions=at_least_2
  Scenario: An interval that is too small is refused, raised, or passed on
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Alice begins sessions that have to be refreshed too often
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Carol says "No hurry here" in "Dinner"
    Then the interval of "Lunch" of Bob is handled well
    And "Dinner" stands with Bob's phone
    And "No hurry here" arrives unchanged in "Dinner" of Bob
