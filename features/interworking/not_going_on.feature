Feature: What is not interworked, and what the interworking function does not manage

  Who is busy, or does not want to be called, has been reached. And an interworking function does not reach everybody.

  @PF-IWF-01 @TP-PF-IWF-01-02.message-to-the-user @SHALL @participating-function
  Scenario Outline: Bob's phone refuses a message with code <code> of the others
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Bob's phone refuses what comes with code <code> of those that lead nowhere
    When Alice sends Bob the message "Not now?"
    Then "Not now?" for Bob does not go to the interworking function
    When Bob's phone refuses what comes with code 1 of those that lead to interworking
    And Alice sends Bob the message "Not by CPM?"
    Then "Not by CPM?" for Bob goes on to the interworking function, which takes it

    Examples:
      | code |
      | 1    |
      | 2    |
      | 3    |

  @PF-IWF-01 @TP-PF-IWF-01-02.message-to-the-network @SHALL @participating-function
  Scenario Outline: Alice's network refuses a message with code <code> of the others
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And Alice refuses what comes with code <code> of those that lead nowhere
    When Bob's phone sends Alice the message "Not now?"
    Then "Not now?" for Alice does not go to the interworking function
    When Alice refuses what comes with code 1 of those that lead to interworking
    And Bob's phone sends Alice the message "Not by CPM?"
    Then "Not by CPM?" for Alice goes on to the interworking function, which takes it

    Examples:
      | code |
      | 1    |
      | 2    |
      | 3    |

  @PF-IWF-01 @TP-PF-IWF-01-02.session @SHALL @participating-function
  Scenario: Bob's phone is busy, and later cannot be called by CPM
    Given Bob, a served user, is online with a phone
    And the interworking function takes what it is sent
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Bob's phone refuses what comes with code 1 of those that lead nowhere
    When Alice calls Bob for "Lunch"
    Then "Lunch" for Bob does not go to the interworking function
    When Bob's phone refuses what comes with code 1 of those that lead to interworking
    And Alice calls Bob for "Dinner"
    Then "Dinner" for Bob goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-04.message @SHALL @participating-function
  Scenario Outline: The interworking function refuses a message: <why>
    Given Bob, a served user, is online with a phone
    And Alice refuses what comes with code 1 of those that lead to interworking
    And the interworking function refuses what it is sent with "<why>"
    When Bob's phone sends Alice the message "Does anything reach you?"
    Then "Does anything reach you?" for Alice goes to the interworking function in vain
    When the interworking function takes what it is sent
    And Bob's phone sends Alice the message "And now?"
    Then "And now?" for Alice goes on to the interworking function, which takes it

    Examples:
      | why          |
      | unavailable  |
      | unknown      |
      | out of order |
      | declined     |

  @PF-IWF-01 @TP-PF-IWF-01-04.message-to-the-user @SHALL @participating-function
  Scenario: The interworking function does not reach Bob either
    Given Bob, a served user, is online with a phone
    And Bob's phone refuses what comes with code 1 of those that lead to interworking
    And the interworking function refuses what it is sent with "unavailable"
    When Alice sends Bob the message "Does anything reach you?"
    Then "Does anything reach you?" for Bob goes to the interworking function in vain
    When the interworking function takes what it is sent
    And Alice sends Bob the message "And now?"
    Then "And now?" for Bob goes on to the interworking function, which takes it

  @PF-IWF-01 @TP-PF-IWF-01-04.session @SHALL @participating-function
  Scenario: The interworking function refuses a session
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Alice refuses what comes with code 1 of those that lead to interworking
    And the interworking function refuses what it is sent with "unavailable"
    When Bob's phone calls Alice for "Lunch"
    Then "Lunch" for Bob goes to the interworking function in vain
    When the interworking function takes what it is sent
    And Bob's phone calls Alice for "Dinner"
    Then "Dinner" for Bob goes on to the interworking function, which takes it
