Feature: A user with several devices is called

  @PF-DEV-01 @TP-PF-DEV-01-01.one-picks-up @SHALL @participating-function @device_mode=pf_forks @device_mode=s_cscf_forks
  Scenario Outline: Bob's phone and tablet ring, and he picks up the <winner>
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    And Bob's <winner> picks up "Lunch"
    And Bob's <loser> picks up "Lunch"
    And Alice says "There you are" in "Lunch"
    Then the call for "Lunch" is offered to Bob's phone and his tablet
    And "Lunch" of Bob is accepted once, and no device is left behind
    And "Lunch" stands with Bob's <winner>
    And whoever stays in "Lunch" of Bob gets "There you are"

    Examples:
      | winner | loser  |
      | phone  | tablet |
      | tablet | phone  |

  @PF-DEV-01 @TP-PF-DEV-01-01.accepted-at-once @SHALL @participating-function @device_mode=pf_forks @device_mode=s_cscf_forks @smoke
  Scenario: Bob's tablet accepts at once, and his phone has hardly rung
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Alice waits for "Lunch" to stand
    And Alice says "That was quick" in "Lunch"
    Then the call for "Lunch" is offered to Bob's phone and his tablet
    And "Lunch" of Bob is accepted once, and no device is left behind
    And whoever stays in "Lunch" of Bob gets "That was quick"

  @PF-DEV-01 @TP-PF-DEV-01-02.both-accept @SHALL @participating-function @device_mode=pf_forks @device_mode=s_cscf_forks
  Scenario: Bob's phone and tablet accept at the same time
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    And Bob's phone and his tablet pick up "Lunch" at the same time
    And Alice says "Which one is it?" in "Lunch"
    Then "Lunch" of Bob is accepted once, and no device is left behind, both having accepted
    And whoever stays in "Lunch" of Bob gets "Which one is it?"

  @PF-DEV-01 @TP-PF-DEV-01-02.all-joined @TP-PF-DEV-01-01 @SHALL @participating-function @device_mode=all_joined @media_path=in
  Scenario: Bob wants to be called everywhere, and both of his devices accept at the same time
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    And Bob's phone and his tablet pick up "Lunch" at the same time
    And Alice says "All of you" in "Lunch"
    Then the call for "Lunch" is offered to Bob's phone and his tablet
    And "Lunch" of Bob is accepted once, and no device is left behind, both having accepted
    And whoever stays in "Lunch" of Bob gets "All of you"

  @PF-DEV-01 @TP-PF-DEV-01-05.order @SHALL @participating-function @device_mode=sequential @max_sessions=at_least_2
  Scenario: Bob wants to be called at his tablet first, and then at his phone
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's devices are called one after the other: tablet, phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Bob's tablet answers calls with "not acceptable here"
    When Alice calls Bob for "Lunch"
    Then the call for "Lunch" goes to Bob's tablet first, and then to his phone
    When Bob's tablet accepts calls again
    And Alice calls Bob for "Dinner"
    And Alice says "At the tablet now" in "Dinner"
    Then the call for "Dinner" goes to Bob's tablet first, and to no other device
    And whoever stays in "Dinner" of Bob gets "At the tablet now"

  @PF-DEV-01 @TP-PF-DEV-01-05.no-answer @SHALL @participating-function @slow @device_mode=sequential
  Scenario: Bob does not hear the device that is called first
    Given Bob, a served user, is online with a phone and a tablet
    And Bob's devices are called one after the other: tablet, phone
    And the session "Lunch" of Alice with Bob
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    Then the call for "Lunch" goes to Bob's tablet first, and then to his phone
