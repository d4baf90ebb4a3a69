Feature: Sessions of a user with several devices are changed

  @PF-DEV-01 @TP-PF-DEV-01-04.one-in-session @SHALL @participating-function @max_sessions=at_least_2
  Scenario: A change reaches the device that is in the session, and later the other in its own
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    And Alice holds "Lunch"
    And Alice says "Wait a moment" in "Lunch"
    Then the change of "Lunch" reaches Bob's phone and no other device
    And whoever stays in "Lunch" of Bob gets "Wait a moment"
    When Bob's tablet accepts calls again
    And Bob's phone answers calls with "not acceptable here"
    And Carol calls Bob for "Dinner"
    And Carol holds "Dinner"
    And Carol says "You too" in "Dinner"
    Then the change of "Dinner" reaches Bob's tablet and no other device
    And whoever stays in "Dinner" of Bob gets "You too"

  @PF-DEV-01 @TP-PF-DEV-01-06.all-joined @SHALL @participating-function @device_mode=all_joined @media_path=in
  Scenario: A change reaches both devices that have joined a session
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice holds "Lunch"
    And Alice resumes "Lunch"
    And Alice says "Go on" in "Lunch"
    Then Bob's phone and his tablet are in "Lunch" together
    And the change of "Lunch" reaches Bob's phone and his tablet
    And whoever stays in "Lunch" of Bob gets "Go on"
