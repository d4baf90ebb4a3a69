Feature: Sessions end on both sides

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-04.bye @SHALL @participating-function
  Scenario Outline: <who> hangs up a session that <caller> began
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When <caller> calls <callee> for "Lunch"
    And Alice says "I have to go" in "Lunch"
    And <who> hangs up "Lunch"
    Then "Lunch" of Bob has ended on both sides
    And "I have to go" arrives unchanged in "Lunch" of Bob

    Examples:
      | caller      | callee | who         |
      | Alice       | Bob    | Alice       |
      | Alice       | Bob    | Bob's phone |
      | Bob's phone | Alice  | Bob's phone |
      | Bob's phone | Alice  | Alice       |

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-04.withdrawn @SHALL @participating-function
  Scenario: Alice takes her call back while Bob's phone rings
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Alice withdraws the call for "Lunch"
    Then the call for "Lunch" of Bob is withdrawn on both sides

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-04.withdrawn-originating @SHALL @participating-function
  Scenario: Bob's phone takes its call back while it rings at Alice
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And Alice rings when called
    When Bob's phone calls Alice for "Lunch"
    And Bob's phone withdraws the call for "Lunch"
    Then the call for "Lunch" of Bob is withdrawn on both sides

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-05.administration @SHALL @participating-function @admin_release
  Scenario: The operator ends a session
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Nobody shall part us" in "Lunch"
    And the operator ends "Lunch" of Bob
    Then "Lunch" of Bob is released on both sides
    And "Nobody shall part us" arrives unchanged in "Lunch" of Bob

  @PF-SES-01 @PF-SES-02 @TP-PF-SES-01-05.deregistration @SHALL @participating-function
  Scenario: A chat of two that is not stored ends when Bob's phone is deregistered
    Given Bob, a served user of the class "store_off", is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Are you leaving?" in "Lunch"
    And Bob's phone is deregistered by the user
    Then "Lunch" of Bob is released towards the other side
    And "Are you leaving?" arrives unchanged in "Lunch" of Bob
