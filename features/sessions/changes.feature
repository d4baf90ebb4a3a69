Feature: Sessions are changed while they stand

  @PF-SES-01 @TP-PF-SES-01-03.by-invitation @SHALL @participating-function
  Scenario Outline: <who> holds the session and resumes it
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And <who> holds "Lunch"
    And <who> resumes "Lunch"
    And Alice says "Where were we?" in "Lunch"
    And Bob's phone says "At the soup" in "Lunch"
    Then the change of "Lunch" by <side> reaches the other side of Bob
    And "Where were we?" arrives unchanged in "Lunch" of Bob
    And "At the soup" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         | side   |
      | Alice       | Alice  |
      | Bob's phone | Bob    |

  @PF-SES-01 @TP-PF-SES-01-03.by-update @SHALL @participating-function
  Scenario Outline: <who> changes the session by an update
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And <who> holds "Lunch" by an update
    And <who> resumes "Lunch" by an update
    And Alice says "Still there?" in "Lunch"
    Then the change of "Lunch" by <side> reaches the other side of Bob
    And "Still there?" arrives unchanged in "Lunch" of Bob

    Examples:
      | who         | side   |
      | Alice       | Alice  |
      | Bob's phone | Bob    |

  @PF-SES-01 @TP-PF-SES-01-03.refused @SHALL @participating-function
  Scenario: A change that Bob's phone refuses leaves the session as it was
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Bob's phone refuses changes
    And Alice holds "Lunch"
    And Alice says "Then let us stay as we are" in "Lunch"
    And Bob's phone says "Let us" in "Lunch"
    Then the change of "Lunch" is refused to Bob's other side, and nothing else happens
    And "Then let us stay as we are" arrives unchanged in "Lunch" of Bob
    And "Let us" arrives unchanged in "Lunch" of Bob

  @PF-SES-01 @TP-PF-SES-01-03.at-once @SHALL @participating-function @virtual_time
  Scenario: Both ends change the session at the same time
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice and Bob's phone change "Lunch" at the same time
    And Alice says "After you" in "Lunch"
    And Bob's phone says "No, after you" in "Lunch"
    Then "Lunch" of Bob works after the changes crossed
    And "After you" arrives unchanged in "Lunch" of Bob
    And "No, after you" arrives unchanged in "Lunch" of Bob
