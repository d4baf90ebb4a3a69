Feature: The charging server is away

  What is recorded waits until the server is back, and nobody is kept from anything meanwhile. What becomes of those who pay
  beforehand is for the provider to say.

  @PF-SES-04 @TP-PF-SES-04-05.down @SHALL @participating-function @slow @virtual_time @charging_interface=rf_ro
  Scenario: The charging server goes down, and Alice calls Bob
    Given Bob, a served user, is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Breakfast"
    And Alice hangs up "Breakfast"
    Then "Breakfast" of Bob is recorded from its beginning to its end
    When the charging server goes down for Bob
    And Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    And Alice hangs up "Lunch"
    And 3 seconds pass
    And the charging server is back for Bob
    Then "Lunch" of Bob is recorded after all
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-04 @TP-PF-SES-04-05.silent @SHALL @participating-function @slow @charging_interface=rf_ro
  Scenario: The charging server is silent, and Bob calls Alice
    Given Bob, a served user, is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Alice calls Bob for "Breakfast"
    And Alice hangs up "Breakfast"
    Then "Breakfast" of Bob is recorded from its beginning to its end
    When the charging server falls silent for Bob
    And Bob's phone calls Alice for "Dinner"
    And Bob's phone says "Dinner at eight?" in "Dinner"
    And Bob's phone hangs up "Dinner"
    And 3 seconds pass
    And the charging server is back for Bob
    Then "Dinner" of Bob is recorded after all
    And "Dinner at eight?" arrives unchanged in "Dinner" of Bob

  @PF-SES-04 @TP-PF-SES-04-05.back-in-between @SHALL @participating-function @slow @virtual_time @charging_interface=rf_ro
  Scenario: The charging server is back before the session ends
    Given Bob, a served user, is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Breakfast"
    And Alice hangs up "Breakfast"
    Then "Breakfast" of Bob is recorded from its beginning to its end
    When the charging server goes down for Bob
    And Alice calls Bob for "Lunch"
    And the charging server is back for Bob
    And Alice says "Shall we have lunch?" in "Lunch"
    And Alice hangs up "Lunch"
    Then "Lunch" of Bob is recorded after all
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

  @PF-SES-04 @TP-PF-SES-04-05.credit-goes-on @SHALL @participating-function @slow @charging_failure=continue @charging_interface=rf_ro
  Scenario Outline: The charging server <how>, and those who pay beforehand are let through
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Breakfast"
    And Alice hangs up "Breakfast"
    Then credit for "Breakfast" of Bob is asked for before it goes on
    When the charging server <how> for Bob
    And Alice calls Bob for "Lunch"
    And Alice says "Shall we have lunch?" in "Lunch"
    Then "Lunch" of Bob goes on without the charging server
    And "Shall we have lunch?" arrives unchanged in "Lunch" of Bob

    Examples:
      | how          |
      | goes down    |
      | falls silent |

  @PF-SES-04 @TP-PF-SES-04-05.credit-ends @SHALL @participating-function @slow @charging_failure=terminate @charging_failure=retry_and_terminate @charging_interface=rf_ro
  Scenario Outline: The charging server <how>, and those who pay beforehand are refused
    Given Bob, a served user of the class "prepaid", is online with a phone
    And the session "Breakfast" of Alice with Bob
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Breakfast"
    And Alice hangs up "Breakfast"
    Then credit for "Breakfast" of Bob is asked for before it goes on
    When the charging server <how> for Bob
    And Alice calls Bob for "Lunch"
    Then "Lunch" of Bob comes to nothing without the charging server

    Examples:
      | how          |
      | goes down    |
      | falls silent |
