Feature: Devices of one user refuse a call

  @PF-DEV-01 @TP-PF-DEV-01-03.one-is-busy @SHALL @participating-function
  Scenario: Bob's phone is busy, and his tablet accepts
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone answers calls with "busy"
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    And Bob's tablet picks up "Lunch"
    And Alice says "Lucky me" in "Lunch"
    Then the call for "Lunch" succeeds at Bob's tablet
    And whoever stays in "Lunch" of Bob gets "Lucky me"

  @PF-DEV-01 @TP-PF-DEV-01-03.all-refuse @SHALL @participating-function
  Scenario Outline: Bob's phone says "<phone>", his tablet says "<tablet>"
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone answers calls with "<phone>"
    And Bob's tablet answers calls with "<tablet>"
    When Alice calls Bob for "Lunch"
    Then the caller of "Lunch" gets the best of the refusals of Bob's phone and his tablet

    Examples:
      | phone               | tablet              |
      | not acceptable here | forbidden           |
      | forbidden           | out of order        |
      | out of order        | not acceptable here |

  @PF-DEV-01 @TP-PF-DEV-01-03.declined @SHALL @participating-function @device_mode=pf_forks @device_mode=s_cscf_forks
  Scenario: Bob declines on his phone while his tablet rings
    Given Bob, a served user, is online with a phone and a tablet
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    And Bob's tablet rings when called
    When Alice calls Bob for "Lunch"
    And Bob's phone turns down "Lunch"
    And Bob's tablet picks up "Lunch"
    Then "Lunch" of Bob is over for all when his phone declines, or goes on at his tablet
