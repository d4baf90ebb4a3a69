Feature: Calls that are wrong fail well, and do no harm

  @PF-SES-01 @TP-PF-SES-01-06.wrong @SHALL @participating-function
  Scenario Outline: A call that is wrong is refused: <wrong>
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Alice calls Bob for "Lunch" wrongly: <wrong>
    And Alice calls Bob for "Dinner"
    And Alice says "This one is right" in "Dinner"
    Then the wrong call for "Lunch" of Bob is handled well: <wrong>
    And "Dinner" stands with Bob's phone
    And "This one is right" arrives unchanged in "Dinner" of Bob

    Examples:
      | wrong                   |
      | unknown dialog          |
      | bad description         |
      | unknown extension       |
      | unknown proxy extension |
      | no hops left            |

  @PF-SES-01 @TP-PF-SES-01-06.without-identifiers @SHALL @participating-function @max_sessions=at_least_2
  Scenario: A call without identifiers is handled as the statement says
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Alice calls Bob for "Lunch" wrongly: without identifiers
    And Alice calls Bob for "Dinner"
    And Alice says "This one is right" in "Dinner"
    Then the wrong call for "Lunch" of Bob is handled well: without identifiers
    And "Dinner" stands with Bob's phone
    And "This one is right" arrives unchanged in "Dinner" of Bob
